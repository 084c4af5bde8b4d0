//! Ledgers in object storage, as far as they differ from the others: what is asked of the environment, and what is
//! said when it is not there.

use super::{Kind, Scene, run, server};

#[test]
fn keys_below_the_prefix() {
    let scene = Scene::new(Kind::S3);
    let here = scene.here();
    here.run(&scene.world, &["plan"]).exits(0);
    assert_eq!(server::get(&scene.key("lock")), None, "plan writes nothing");
    here.run(&scene.world, &["apply", "--yes"]).exits(0);
    assert!(server::get(&scene.key("ledger")).is_some());
    // A free lock is an object that names the last one, so that two of them are never the same.
    let free: serde_json::Value = serde_json::from_slice(&server::get(&scene.key("lock")).unwrap()).unwrap();
    assert_eq!((&free["free"], free["last"].as_str().unwrap().len()), (&true.into(), 16));
    let show = here.run(&scene.world, &["ledger", "show"]).exits(0);
    assert!(show.stdout.contains(&format!("s3://{}", scene.key("ledger"))), "{}", show.stdout);
}

#[test]
fn what_is_said_when_it_does_not_work() {
    let scene = Scene::new(Kind::S3);
    let here = scene.here();
    let said = |change: &[(&str, &str)]| {
        let mut command = here.command(&scene.world, &["apply", "--yes"]);
        for (name, value) in change {
            command.env(name, value);
        }
        let ended = run(&mut command).exits(1);
        assert!(!ended.stderr.contains("s3cr3t"), "{}", ended.stderr);
        assert!(scene.world.log().is_empty(), "nothing was sent");
        here.plain(&ended.stderr)
    };
    let refused = said(&[("AWS_ENDPOINT_URL", "http://127.0.0.1:9")]);
    insta::assert_snapshot!(refused, @"
    error: s3://BUCKET/team/test.lock.json cannot be read: http://127.0.0.1:9: Connection refused (os error 111)
    help: check that the bucket exists and that AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION may read and write it (for another server than Amazon's: AWS_ENDPOINT_URL, and AWS_ALLOW_HTTP=true if it has no TLS)
    ");
    let plain_http = said(&[("AWS_ALLOW_HTTP", "false")]).replace(&server::url(), "SERVER");
    insta::assert_snapshot!(plain_http, @"
    error: s3://BUCKET/team/test.lock.json cannot be read: SERVER: URL scheme is not allowed
    help: check that the bucket exists and that AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION may read and write it (for another server than Amazon's: AWS_ENDPOINT_URL, and AWS_ALLOW_HTTP=true if it has no TLS)
    ");

    let url = scene.world.url.clone();
    scene.world.project(&url, "ledger: s3://no-such-bucket\n");
    insta::assert_snapshot!(said(&[]).replace(&server::url(), "SERVER"), @"
    error: s3://no-such-bucket/test.lock.json cannot be read: SERVER: NoSuchBucket: The specified bucket does not exist
    help: check that the bucket exists and that AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION may read and write it (for another server than Amazon's: AWS_ENDPOINT_URL, and AWS_ALLOW_HTTP=true if it has no TLS)
    ");
    scene.world.project(&url, "ledger: az://container\n");
    insta::assert_snapshot!(said(&[]), @"
    error: az://container cannot be used: Account must be specified
    help: check that the container exists and that AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY may read and write it
    ");
    scene.world.project(&url, "ledger: gs://bucket/team\n");
    let key = said(&[("GOOGLE_SERVICE_ACCOUNT_KEY", "{\"private_key\": \"s3cr3t\"}")]);
    insta::assert_snapshot!(key, @"
    error: gs://bucket cannot be used: missing field `private_key_id` at line 1 column 25
    help: check that the bucket exists and that GOOGLE_APPLICATION_CREDENTIALS names a key that may read and write it
    ");
}
