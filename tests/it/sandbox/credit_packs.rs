//! Credit packs: the same in both versions but for paths and envelopes.

use serde_json::{Value, json};

use crate::support::{Reply, id, sandbox};

#[tokio::test]
async fn in_both_versions() {
    let (old, _running) = sandbox(|_| ()).await;
    let new = old.with("commet-version", "2026-07-31");
    type Unwrap = fn(Reply) -> Value;
    let dialects: [(_, _, _, Unwrap); 2] =
        [(&old, "/credit-packs/manage", "PUT", Reply::data), (&new, "/credit-packs", "PATCH", Reply::bare)];
    for (api, path, update, unwrap) in dialects {
        let body = json!({ "name": "500", "credits": 500, "price": 4900, "description": "d" });
        let created = api.post(path, body).await;
        assert_eq!(created.status, 201);
        let pack = unwrap(created);
        assert!(id(&pack).starts_with("cpk_"));
        let names: Vec<_> = pack.as_object().unwrap().keys().map(String::as_str).collect();
        let fields = [
            "id",
            "name",
            "description",
            "credits",
            "price",
            "isActive",
            "createdAt",
            "updatedAt",
            "object",
            "livemode",
        ];
        assert_eq!(names, fields);
        assert_eq!((&pack["isActive"], &pack["object"]), (&json!(true), &json!("credit_pack")));

        // The list has a currency, and neither isActive nor times.
        let listed = json!({
            "id": id(&pack), "name": "500", "description": "d", "credits": 500, "price": 4900, "currency": "usd",
            "object": "credit_pack", "livemode": false,
        });
        let list = api.get("/credit-packs?limit=nonsense").await.body;
        assert_eq!((&list["data"], list.get("nextCursor")), (&json!([listed]), None));
        assert_eq!(list.get("hasMore"), (update == "PATCH").then_some(&json!(false)));

        api.post(path, json!({})).await.invalid(&["name", "credits", "price"]);
        let wrong = json!({ "name": "", "credits": -1, "price": 1.5, "description": null, "isActive": 1 });
        api.post(path, wrong).await.invalid(&["name", "credits", "price", "description", "isActive"]);
        api.post(path, json!({ "name": "500", "credits": 1, "price": 1 })).await.fails(409, "duplicate");

        let one = format!("/credit-packs/{}", id(&pack));
        let changed = unwrap(api.call(update, &one, json!({ "credits": 600, "isActive": false })).await);
        assert_eq!((&changed["credits"], &changed["isActive"]), (&json!(600), &json!(false)));
        // Inactive: no read shows it, its name is taken all the same, and it can be switched on again.
        assert_eq!(api.get("/credit-packs").await.body["data"], json!([]));
        api.get(&one).await.fails(404, "not_found");
        api.post(path, json!({ "name": "500", "credits": 1, "price": 1 })).await.fails(409, "duplicate");
        assert_eq!(unwrap(api.call(update, &one, json!({ "isActive": true })).await)["credits"], 600);
        assert_eq!(api.get("/credit-packs").await.body["data"][0]["credits"], 600);

        let deleted = unwrap(api.delete(&one).await);
        assert_eq!(deleted, json!({ "id": id(&pack), "deleted": true, "object": "credit_pack", "livemode": false }));
        api.delete(&one).await.fails(404, "credit_pack_not_found");
        api.call(update, &one, json!({})).await.fails(404, "credit_pack_not_found");
        let other = if update == "PUT" { "PATCH" } else { "PUT" };
        api.call(other, &one, json!({})).await.fails(404, "endpoint_not_available");
    }
    new.post("/credit-packs/manage", json!({})).await.fails(404, "endpoint_not_available");
    old.post("/credit-packs", json!({})).await.fails(404, "endpoint_not_available");
}
