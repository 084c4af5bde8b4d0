//! GitLab's REST API v4. Comments are called notes there; the host writes some itself ("added 1 commit").

use serde_json::Value as Json;

use crate::host::context::Place;
use crate::host::dialect::{Comment, Dialect};
use crate::http::{Answer, Failure, Headers};

pub(super) struct GitLab;

impl Dialect for GitLab {
    fn headers(&self, token: &str) -> Headers {
        vec![("private-token", token.to_owned())]
    }

    fn failure(&self) -> fn(u16, &[u8]) -> Failure {
        failure
    }

    fn request(&self, place: &Place) -> String {
        format!("/projects/{}/merge_requests/{}", place.project, place.number)
    }

    fn head(&self, request: &Json) -> Option<String> {
        request["sha"].as_str().map(str::to_owned)
    }

    fn comments(&self, place: &Place) -> String {
        format!("{}/notes", self.request(place))
    }

    fn page(&self, page: u64) -> String {
        format!("?per_page=100&page={page}&sort=asc&order_by=created_at")
    }

    /// `x-next-page`, empty on the last one.
    fn next(&self, answer: &Answer) -> Option<u64> {
        answer.header("x-next-page")?.trim().parse().ok()
    }

    fn comment(&self, place: &Place, id: u64) -> String {
        format!("{}/{id}", self.comments(place))
    }

    fn update(&self) -> &'static str {
        "PUT"
    }

    fn read(&self, _: &Place, note: &Json) -> Option<Comment> {
        if note["system"] == true {
            return None;
        }
        Some(Comment {
            id: note["id"].as_u64()?,
            body: note["body"].as_str().unwrap_or_default().to_owned(),
            author: note["author"]["id"].as_u64()?.to_string(),
            // GitLab does not say so of a note; it tells every token who it is instead.
            program: false,
            url: None,
        })
    }

    fn account(&self, user: &Json) -> Option<String> {
        user["id"].as_u64().map(|id| id.to_string())
    }
}

/// `{"message": "404 Not found"}`, `{"message": {"note": ["…"]}}`, `{"error": "insufficient_scope", "error_description": …}`.
fn failure(status: u16, body: &[u8]) -> Failure {
    let Ok(said) = serde_json::from_slice::<Json>(body) else { return Failure::foreign(status, body) };
    let message = match (&said["message"], &said["error_description"], &said["error"]) {
        (Json::String(words), ..)
        | (Json::Null, Json::String(words), _)
        | (Json::Null, Json::Null, Json::String(words)) => words.clone(),
        (Json::Object(fields), ..) => Json::Object(fields.clone()).to_string(),
        _ => return Failure::foreign(status, body),
    };
    let code = status.to_string();
    let message = message.strip_prefix(&code).map_or(message.as_str(), str::trim_start).to_owned();
    Failure { message, credentials: matches!(status, 401 | 403), ..Failure::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_an_error_is_read() {
        for (body, words) in [
            (r#"{"message":"404 Project Not Found"}"#, "Project Not Found"),
            (r#"{"error":"insufficient_scope","error_description":"Too little."}"#, "Too little."),
            (r#"{"error":"body is missing"}"#, "body is missing"),
            (r#"{"message":{"note":["is too long"]}}"#, r#"{"note":["is too long"]}"#),
        ] {
            assert_eq!(failure(404, body.as_bytes()).message, words);
        }
    }
}
