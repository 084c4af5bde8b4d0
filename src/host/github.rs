//! GitHub's REST API, version 2022-11-28. A pull request's conversation is that of the issue with its number.

use std::time::Duration;

use serde_json::Value as Json;

use crate::host::context::Place;
use crate::host::dialect::{Comment, Dialect};
use crate::http::{Answer, Failure, Headers};

pub(super) struct GitHub;

impl Dialect for GitHub {
    fn headers(&self, token: &str) -> Headers {
        vec![
            ("accept", "application/vnd.github+json".to_owned()),
            ("authorization", format!("Bearer {token}")),
            ("x-github-api-version", "2022-11-28".to_owned()),
        ]
    }

    fn failure(&self) -> fn(u16, &[u8]) -> Failure {
        failure
    }

    fn request(&self, place: &Place) -> String {
        format!("/repos/{}/pulls/{}", place.project, place.number)
    }

    fn head(&self, request: &Json) -> Option<String> {
        request["head"]["sha"].as_str().map(str::to_owned)
    }

    fn comments(&self, place: &Place) -> String {
        format!("/repos/{}/issues/{}/comments", place.project, place.number)
    }

    fn page(&self, page: u64) -> String {
        format!("?per_page=100&page={page}")
    }

    /// `Link: <https://…?per_page=100&page=2>; rel="next", …`. Only the number is taken: a token goes nowhere else.
    fn next(&self, answer: &Answer) -> Option<u64> {
        next_page(answer.header("link")?)
    }

    fn comment(&self, place: &Place, id: u64) -> String {
        format!("/repos/{}/issues/comments/{id}", place.project)
    }

    fn update(&self) -> &'static str {
        "PATCH"
    }

    fn read(&self, _: &Place, comment: &Json) -> Option<Comment> {
        let author = &comment["user"];
        Some(Comment {
            id: comment["id"].as_u64()?,
            body: comment["body"].as_str().unwrap_or_default().to_owned(),
            author: author["login"].as_str().unwrap_or_default().to_owned(),
            program: author["type"] == "Bot",
            url: comment["html_url"].as_str().map(str::to_owned),
        })
    }

    fn account(&self, user: &Json) -> Option<String> {
        user["login"].as_str().map(str::to_owned)
    }
}

fn next_page(link: &str) -> Option<u64> {
    let next = link.split(',').find(|part| part.contains("rel=\"next\""))?;
    let (_, rest) = next.split_once('<')?;
    let (address, _) = rest.split_once('>')?;
    let (_, query) = address.split_once('?')?;
    query.split('&').find_map(|pair| pair.strip_prefix("page="))?.parse().ok()
}

/// `{"message": …, "errors": [{"message": …}]}`. Both kinds of rate limits come as 403 or 429, told apart from missing
/// permissions by their words alone; after a secondary one without `retry-after` at least a minute is to be waited.
fn failure(status: u16, body: &[u8]) -> Failure {
    let Ok(said) = serde_json::from_slice::<Json>(body) else { return Failure::foreign(status, body) };
    let Some(message) = said["message"].as_str() else { return Failure::foreign(status, body) };
    let details = said["errors"].as_array().into_iter().flatten().filter_map(|error| error["message"].as_str());
    let message = [message].into_iter().chain(details).collect::<Vec<_>>().join(": ");
    let limited = matches!(status, 403 | 429) && message.to_ascii_lowercase().contains("rate limit");
    Failure {
        code: None,
        pause: (limited && message.contains("secondary")).then_some(Duration::from_secs(60)),
        transient: limited,
        credentials: status == 401 || status == 403 && !limited && !message.contains("locked"),
        message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_a_number_and_no_address() {
        let link = "<https://api.github.com/repositories/1/issues/7/comments?per_page=100&page=1>; rel=\"prev\", \
                    <https://evil.example/x?per_page=100&page=3>; rel=\"next\"";
        assert_eq!(next_page(link), Some(3));
        assert_eq!(next_page("<https://api.github.com/x?page=1>; rel=\"first\""), None);
        assert_eq!(next_page("rel=\"next\""), None);
    }

    #[test]
    fn a_rate_limit_is_no_missing_permission() {
        let said = |status, message: &str| failure(status, format!("{{\"message\": \"{message}\"}}").as_bytes());
        let primary = said(403, "API rate limit exceeded for installation ID 1.");
        assert!(primary.transient && !primary.credentials && primary.pause.is_none());
        let secondary = said(403, "You have exceeded a secondary rate limit. Please wait a few minutes");
        assert!(secondary.transient && !secondary.credentials);
        assert_eq!(secondary.pause, Some(Duration::from_secs(60)));
        assert!(said(403, "Resource not accessible by integration").credentials);
        assert!(!said(403, "Unable to create comment because issue is locked.").credentials);
    }
}
