//! Plan groups, their order, and pages.

use serde_json::{Value, json};

use crate::support::{Client, id, sandbox};

async fn group(api: &Client, name: &str) -> String {
    id(&api.post("/plan-groups", json!({ "name": name })).await.data())
}

/// Codes are not shown, names are: here they are the same.
async fn members(api: &Client, group: &str) -> Vec<(String, i64)> {
    let plans = api.get(&format!("/plan-groups/{group}")).await.data()["plans"].clone();
    let plans = plans.as_array().unwrap().clone();
    plans.iter().map(|plan| (plan["name"].as_str().unwrap().to_owned(), plan["sortOrder"].as_i64().unwrap())).collect()
}

fn order(names: &[(&str, i64)]) -> Vec<(String, i64)> {
    names.iter().map(|(name, order)| ((*name).to_owned(), *order)).collect()
}

#[tokio::test]
async fn groups() {
    let (api, _running) = sandbox(|_| ()).await;
    let created = api.post("/plan-groups", json!({ "name": "SaaS", "description": "d" })).await;
    assert_eq!(created.status, 201);
    let created = created.data();
    assert!(id(&created).starts_with("plg_"));
    assert_eq!((&created["isPublic"], &created["object"]), (&json!(true), &json!("plan_group")));
    api.post("/plan-groups", json!({ "name": "" })).await.invalid(&["name"]);
    let path = format!("/plan-groups/{}", id(&created));
    let updated = api.put(&path, json!({ "name": "New", "description": null, "isPublic": false })).await.data();
    assert_eq!(
        (&updated["name"], &updated["description"], &updated["isPublic"]),
        (&json!("New"), &Value::Null, &json!(false))
    );
    api.get("/plan-groups/plg_nothing").await.fails(404, "plan_group_not_found");
    // Names are not unique.
    group(&api, "New").await;
    // On this version the list shows the plans too.
    let list = api.get("/plan-groups").await;
    assert_eq!(list.body["hasMore"], false);
    assert!(list.body.get("nextCursor").is_none());
    assert!(list.data().as_array().unwrap().iter().all(|group| group["plans"] == json!([])));

    let inside = api.plan("inside", json!({ "planGroupId": id(&created) })).await;
    let deleted = api.delete(&path).await.data();
    assert_eq!(deleted, json!({ "id": id(&created), "deleted": true, "object": "plan_group", "livemode": false }));
    let plan = api.get(&format!("/plans/{inside}")).await.data();
    assert_eq!((&plan["planGroupId"], &plan["sortOrder"]), (&Value::Null, &json!(0)));
    api.delete(&path).await.fails(404, "plan_group_not_found");
}

#[tokio::test]
async fn membership_and_order() {
    let (api, _running) = sandbox(|_| ()).await;
    let (one, other) = (group(&api, "one").await, group(&api, "other").await);
    let a = api.plan("a", json!({ "planGroupId": one })).await;
    let b = api.plan("b", json!({ "planGroupId": one })).await;
    let c = api.plan("c", json!({})).await;
    let plans = format!("/plan-groups/{one}/plans");
    let added = api.post(&plans, json!({ "planId": c, "sortOrder": 7 })).await.data();
    assert_eq!(added, json!({ "success": true, "object": "plan_group", "livemode": false }));
    let d = api.plan("d", json!({})).await;
    api.post(&plans, json!({ "planId": d })).await.data();
    assert_eq!(members(&api, &one).await, order(&[("a", 0), ("b", 1), ("c", 7), ("d", 8)]));

    api.post(&plans, json!({ "planId": a })).await.fails(409, "duplicate");
    api.post(&format!("/plan-groups/{other}/plans"), json!({ "planId": a })).await.fails(409, "duplicate");
    api.post(&plans, json!({ "planId": "a" })).await.fails(404, "plan_not_found");
    api.post(&plans, json!({ "planId": c, "sortOrder": -1 })).await.invalid(&["sortOrder"]);

    let reorder = format!("{plans}/reorder");
    for bad in [json!([]), json!([a, b]), json!([a, b, c, d, d]), json!([a, b, c, "pln_x"]), json!("a"), json!([1])] {
        api.put(&reorder, json!({ "planIds": bad })).await.invalid(&["planIds"]);
    }
    let reordered = api.put(&reorder, json!({ "planIds": [d, c, b, a] })).await.data();
    assert_eq!(reordered, json!({ "reordered": true, "object": "plan_group", "livemode": false }));
    assert_eq!(members(&api, &one).await, order(&[("d", 0), ("c", 1), ("b", 2), ("a", 3)]));
    assert_eq!(api.get("/plans/a").await.data()["sortOrder"], 3);

    let removed = api.delete(&format!("{plans}/{c}")).await.data();
    assert_eq!(removed, json!({ "id": c, "removed": true, "object": "plan_group", "livemode": false }));
    api.delete(&format!("{plans}/{c}")).await.fails(404, "plan_not_found");
    assert_eq!(api.get("/plans/c").await.data()["planGroupId"], Value::Null);
    api.post(&format!("/plan-groups/{other}/plans"), json!({ "planId": c })).await.data();
    // A deleted plan leaves its group.
    api.delete(&format!("/plans/{d}/manage")).await.data();
    assert_eq!(members(&api, &one).await, order(&[("b", 2), ("a", 3)]));
}

#[tokio::test]
async fn pages() {
    let (api, _running) = sandbox(|_| ()).await;
    let mut made = Vec::new();
    for number in 0..57 {
        made.push(group(&api, &format!("group {number}")).await);
    }
    assert_eq!(api.get("/plan-groups").await.data().as_array().unwrap().len(), 25);
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = api.get(&format!("/plan-groups?limit=20{cursor}")).await;
        let next = page.body["nextCursor"].as_str().map(|next| format!("&cursor={next}"));
        assert_eq!(page.body["hasMore"], next.is_some());
        seen.extend(page.data().as_array().unwrap().iter().map(id));
        let Some(next) = next else { break };
        cursor = next;
    }
    assert_ne!(seen, made, "the order of a list is not the order of creation");
    seen.sort();
    made.sort();
    assert_eq!(seen, made);
    assert_eq!(api.get("/plan-groups?limit=100").await.body["hasMore"], false);
    for bad in ["0", "101", "-1", "1.5", "many", ""] {
        api.get(&format!("/plan-groups?limit={bad}")).await.invalid(&["limit"]);
    }
    for bad in ["", "cur_", "cur_zz", "plg_1", "cur_%C3%A9%C3%A9"] {
        api.get(&format!("/plan-groups?cursor={bad}")).await.invalid(&["cursor"]);
    }
    // Features and plans have no pages.
    for number in 0..30 {
        api.plan(&format!("plan_{number}"), json!({})).await;
    }
    let plans = api.get("/plans?limit=5").await;
    assert!(plans.body.get("hasMore").is_none());
    assert_eq!(plans.data().as_array().unwrap().len(), 30);
}
