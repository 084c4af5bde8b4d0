//! Who asks, and for which organization (bxb-api.md §1).

use serde_json::{Value, json};

use super::client::{ADMIN, Api, DEFAULT, KEY, NOBODY, id, sandbox, sandbox_with};

async fn slug(api: &Api) -> Value {
    api.get("/organizations/current").await.ok()["slug"].clone()
}

#[tokio::test]
async fn what_credentials_open() {
    let (api, _running) = sandbox().await;
    for (authorization, expected) in [
        (format!("Bearer {KEY}").as_str(), "sandbox"),
        ("Bearer bxb_live_anything", "sandbox"),
        ("", "default"),
        // A mistyped key silently reads and writes another organization.
        ("Bearer xb_live_0123", "default"),
        ("Bearer bxb_test_0123", "default"),
        ("Bearer eyJhbGciOiJIUzI1NiJ9.e30.x", "default"),
    ] {
        assert_eq!(slug(&api.with("authorization", authorization)).await, expected, "{authorization}");
    }
    let keyed = api.with("authorization", "").with("x-api-key", KEY);
    assert_eq!(slug(&keyed).await, "default", "X-API-Key does not exist");
    for (authorization, detail) in [
        ("Bearer", "API key is required"),
        ("Bearer  ", "API key is required"),
        ("Basic abc", "Invalid authorization header format"),
        (KEY, "Invalid authorization header format"),
        ("bearer bxb_live_1", "Invalid authorization header format"),
    ] {
        let refused = api.with("authorization", authorization).get("/plans/").await;
        refused.says(401, detail);
        assert!(!refused.headers.contains_key("www-authenticate"));
    }
    let current = api.get("/organizations/current").await.ok();
    let fields = [
        "id",
        "name",
        "slug",
        "default_currency",
        "timezone",
        "hmac_key",
        "logo_url",
        "portal_accent_color",
        "portal_welcome_message",
        "created_at",
        "updated_at",
    ];
    let mut found: Vec<_> = current.as_object().unwrap().keys().map(String::as_str).collect();
    found.sort_unstable();
    let mut expected = fields.to_vec();
    expected.sort_unstable();
    assert_eq!(found, expected);
    assert_eq!(api.default_organization().get("/organizations/current").await.ok()["id"], DEFAULT);
}

#[tokio::test]
async fn only_one_key() {
    let (api, _running) = sandbox_with(|options| options.api_key = Some("bxb_live_mine".into())).await;
    api.get("/plans/").await.says(401, "Invalid API key");
    assert_eq!(slug(&api.with("authorization", "Bearer bxb_live_mine")).await, "sandbox");
    assert_eq!(slug(&api.default_organization()).await, "default", "credentials stay optional");
}

#[tokio::test]
async fn the_header_beats_everything() {
    let (api, _running) = sandbox_with(|options| options.api_key = Some("bxb_live_mine".into())).await;
    let chosen = api.with("x-organization-id", DEFAULT);
    for authorization in ["", "Bearer bxb_live_wrong", "Basic x", "Bearer bxb_live_mine"] {
        assert_eq!(slug(&chosen.with("authorization", authorization)).await, "default", "{authorization}");
    }
    let wrong = api.with("x-organization-id", "default").get("/plans/").await;
    wrong.says(400, "Invalid X-Organization-Id header");
    let nobody = api.with("x-organization-id", NOBODY);
    nobody.get("/organizations/current").await.says(404, "Organization not found");
    assert_eq!(nobody.get("/plans/").await.ok(), json!([]));
    nobody.post("/features/", json!({ "code": "f", "name": "f", "feature_type": "custom" })).await.crashes();
}

#[tokio::test]
async fn keys_of_an_organization() {
    let (api, _running) = sandbox().await;
    // Without credentials they are the default organization's.
    let owner = api.default_organization();
    let made = owner.post("/organizations/current/api_keys", json!({ "name": "ci" })).await.created();
    let raw = made["raw_key"].as_str().unwrap().to_owned();
    assert!(raw.starts_with("bxb_live_") && raw.len() == 9 + 64, "{raw}");
    let keyed = api.with("authorization", &format!("Bearer {raw}"));
    assert_eq!(slug(&keyed).await, "default");
    let listed = owner.get("/organizations/current/api_keys").await;
    assert!(!listed.text.contains(&raw));
    assert!(listed.ok()[0]["last_used_at"].is_string());
    let path = format!("/organizations/current/api_keys/{}", id(&made));
    let rotated = keyed.post(&format!("{path}/rotate"), Value::Null).await;
    assert_eq!(rotated.status, 200);
    keyed.get("/plans/").await.says(401, "API key has been revoked");
    let next = rotated.ok();
    let keyed = api.with("authorization", &format!("Bearer {}", next["raw_key"].as_str().unwrap()));
    assert_eq!(keyed.get("/plans/").await.status, 200);
    owner.delete(&format!("/organizations/current/api_keys/{}", id(&next))).await.gone();
    keyed.get("/plans/").await.says(401, "API key has been revoked");
    let expired = json!({ "expires_at": "2020-01-01T00:00:00Z" });
    let expired = owner.post("/organizations/current/api_keys", expired).await.created();
    let keyed = api.with("authorization", &format!("Bearer {}", expired["raw_key"].as_str().unwrap()));
    keyed.get("/plans/").await.says(401, "API key has expired");
    api.get("/organizations/current/api_keys").await.ok().as_array().unwrap().is_empty().then_some(()).unwrap();
}

#[tokio::test]
async fn new_organizations() {
    let (api, _running) = sandbox().await;
    let body = json!({ "name": "Acme Inc" });
    for secret in ["", "wrong"] {
        let refused = api.with("x-admin-secret", secret).post("/organizations/", body.clone()).await;
        refused.says(401, "Invalid admin secret");
    }
    let made = api.with("x-admin-secret", ADMIN).post("/organizations/", body).await.created();
    assert_eq!(made["slug"], "acme-inc");
    let keyed = api.with("authorization", &format!("Bearer {}", made["api_key"]["raw_key"].as_str().unwrap()));
    assert_eq!(keyed.get("/organizations/current").await.ok()["id"], made["id"]);
}
