use std::sync::Arc;

use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions, UpdateVersion};

use crate::ledger::place::{Contents, PlaceError, Snapshot, Version, encoded};

/// How long one request to a store is tried. The stores' own default is minutes, which hides what is wrong.
const RETRY: std::time::Duration = std::time::Duration::from_secs(20);

/// Whose object storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cloud {
    /// Amazon S3, or what speaks its protocol.
    #[cfg(feature = "s3")]
    S3,
    /// Google Cloud Storage.
    #[cfg(feature = "gcs")]
    Gcs,
    /// Azure Blob Storage.
    #[cfg(feature = "azure")]
    Azure,
}

/// Two objects in a bucket, each replaced only if it is still what was read.
#[derive(Debug)]
pub struct ObjectPlace {
    store: Arc<dyn ObjectStore>,
    /// `s3://bucket`.
    bucket: String,
    ledger: Path,
    lock: Path,
    help: String,
}

impl ObjectPlace {
    /// The place of an environment below a prefix. Credentials, region and endpoint come from the environment, under
    /// the names that the cloud's own tools know. Asks no network.
    pub fn open(cloud: Cloud, bucket: &str, prefix: &str, environment: &str) -> Result<Self, PlaceError> {
        // A second call finds the first one's provider installed; that is fine.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (scheme, store) = store(cloud, bucket);
        let place = format!("{scheme}://{bucket}");
        let help = help(cloud);
        let store = store
            .map_err(|why| PlaceError::new(format!("{place} cannot be used: {}", said(&why))).help(help.clone()))?;
        Self::with(store, place, prefix, environment, help)
    }

    fn with(
        store: Arc<dyn ObjectStore>,
        bucket: String,
        prefix: &str,
        environment: &str,
        help: String,
    ) -> Result<Self, PlaceError> {
        let key = |what: &str| {
            let name = format!("{}.{what}.json", encoded(environment));
            let path = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
            Path::parse(&path).map_err(|why| PlaceError::new(format!("`{path}` cannot be a key in {bucket}: {why}")))
        };
        Ok(Self { ledger: key("ledger")?, lock: key("lock")?, store, bucket, help })
    }

    pub(super) fn name(&self) -> String {
        format!("{}/{}", self.bucket, self.ledger)
    }

    /// The lock first: a ledger is only written under it, so if the lock is the same when it is replaced, this ledger
    /// was read under no other one.
    pub(super) async fn read(&self) -> Result<Snapshot, PlaceError> {
        let (lock, lock_version) = self.get(&self.lock).await?;
        let (ledger, ledger_version) = self.get(&self.ledger).await?;
        // A free lock is an object, too: one that is deleted could be made anew unnoticed.
        let lock = lock.filter(|bytes| !is_free(bytes));
        let version = Version::Objects { ledger: ledger_version, lock: lock_version };
        Ok(Snapshot { contents: Contents { ledger, lock }, version })
    }

    /// The ledger first, so that a lock is never free before what it was for is written.
    pub(super) async fn write(&self, next: &Contents, before: &Snapshot) -> Result<Option<Version>, PlaceError> {
        let Version::Objects { mut ledger, mut lock } = before.version.clone() else {
            return Err(PlaceError::new("the ledger was not read from object storage"));
        };
        if next.ledger != before.contents.ledger {
            let Some(bytes) = &next.ledger else { return Err(PlaceError::new("a ledger is never deleted")) };
            // Two objects cannot be replaced as one. Whoever lost the lock since is refused here; whoever loses it in
            // the moment between is refused by the ledger, if that was written, and else writes what is true.
            if self.get(&self.lock).await?.1 != lock {
                return Ok(None);
            }
            match self.put(&self.ledger, bytes.clone(), ledger).await? {
                Some(version) => ledger = Some(version),
                None => return Ok(None),
            }
        }
        if next.lock != before.contents.lock {
            let bytes = next.lock.clone().unwrap_or_else(|| free(before.contents.lock.as_deref()));
            match self.put(&self.lock, bytes, lock).await? {
                Some(version) => lock = Some(version),
                None => return Ok(None),
            }
        }
        Ok(Some(Version::Objects { ledger, lock }))
    }

    async fn get(&self, key: &Path) -> Result<(Option<Vec<u8>>, Option<UpdateVersion>), PlaceError> {
        let read = async {
            let found = self.store.get(key).await?;
            let version = UpdateVersion { e_tag: found.meta.e_tag.clone(), version: found.meta.version.clone() };
            Ok((found.bytes().await?.to_vec(), version))
        };
        match read.await {
            Ok((bytes, version)) => Ok((Some(bytes), Some(version))),
            // A bucket that is not there is said to be so by the write, and by some stores already here.
            Err(object_store::Error::NotFound { source, .. }) if !source.to_string().contains("NoSuchBucket") => {
                Ok((None, None))
            }
            Err(why) => Err(self.failed(key, "read", &why)),
        }
    }

    async fn put(
        &self,
        key: &Path,
        bytes: Vec<u8>,
        expected: Option<UpdateVersion>,
    ) -> Result<Option<UpdateVersion>, PlaceError> {
        let mode = expected.map_or(PutMode::Create, PutMode::Update);
        match self.store.put_opts(key, bytes.into(), PutOptions::from(mode)).await {
            Ok(done) => Ok(Some(done.into())),
            Err(object_store::Error::AlreadyExists { .. } | object_store::Error::Precondition { .. }) => Ok(None),
            Err(why) => Err(self.failed(key, "written", &why)),
        }
    }

    fn failed(&self, key: &Path, done: &str, why: &object_store::Error) -> PlaceError {
        PlaceError::new(format!("{}/{key} cannot be {done}: {}", self.bucket, said(why))).help(self.help.clone())
    }
}

/// What stands there while nobody has the lock. It names the last one, so that no two of them are the same: a store
/// tells versions apart by their bytes.
fn free(last: Option<&[u8]>) -> Vec<u8> {
    let last = last.map(super::super::Found::read);
    let id = last.as_ref().map_or("", |found| found.id());
    format!("{{\"free\": true, \"last\": {}}}\n", serde_json::json!(id)).into_bytes()
}

fn is_free(bytes: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Value>(bytes).is_ok_and(|value| value["free"] == true)
}

fn store(cloud: Cloud, bucket: &str) -> (&'static str, Result<Arc<dyn ObjectStore>, object_store::Error>) {
    let retry = object_store::RetryConfig { max_retries: 4, retry_timeout: RETRY, ..Default::default() };
    match cloud {
        #[cfg(feature = "s3")]
        Cloud::S3 => {
            let builder = object_store::aws::AmazonS3Builder::from_env().with_bucket_name(bucket).with_retry(retry);
            ("s3", builder.build().map(|store| Arc::new(store) as _))
        }
        #[cfg(feature = "gcs")]
        Cloud::Gcs => {
            let builder =
                object_store::gcp::GoogleCloudStorageBuilder::from_env().with_bucket_name(bucket).with_retry(retry);
            ("gs", builder.build().map(|store| Arc::new(store) as _))
        }
        #[cfg(feature = "azure")]
        Cloud::Azure => {
            let builder =
                object_store::azure::MicrosoftAzureBuilder::from_env().with_container_name(bucket).with_retry(retry);
            ("az", builder.build().map(|store| Arc::new(store) as _))
        }
    }
}

/// What has to be in the environment.
fn help(cloud: Cloud) -> String {
    match cloud {
        #[cfg(feature = "s3")]
        Cloud::S3 => "check that the bucket exists and that AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION may read and write it (for another server than Amazon's: AWS_ENDPOINT_URL, and AWS_ALLOW_HTTP=true if it has no TLS)",
        #[cfg(feature = "gcs")]
        Cloud::Gcs => "check that the bucket exists and that GOOGLE_APPLICATION_CREDENTIALS names a key that may read and write it",
        #[cfg(feature = "azure")]
        Cloud::Azure => "check that the container exists and that AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY may read and write it",
    }
    .to_owned()
}

/// What a store says is wrong: the code and the words in its answer, else the last cause. Without URLs' queries, which
/// may be signatures.
fn said(why: &object_store::Error) -> String {
    let whole = why.to_string();
    let mut last: &dyn std::error::Error = why;
    while let Some(cause) = last.source() {
        last = cause;
    }
    let within = |open: &str, close: &str| -> Option<&str> {
        let (_, rest) = whole.rsplit_once(open)?;
        rest.split_once(close).map(|(text, _)| text)
    };
    let words = match (within("<Code>", "</Code>"), within("<Message>", "</Message>")) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(code), None) => code.to_owned(),
        _ => last.to_string(),
    };
    // Which server answered, or did not.
    let server = within("Error performing ", " in ").and_then(|request| {
        let (_, url) = request.split_once(' ')?;
        let (scheme, rest) = url.split_once("://")?;
        Some(format!("{scheme}://{}: ", rest.split(['/', '?']).next()?))
    });
    // The address that clouds give to the service that knows what a machine may do.
    let unknown = ["169.254.169.254", "metadata.google.internal"].iter().any(|service| whole.contains(service));
    let mut out =
        if unknown { "no credentials are in the environment, and this machine has none of its own: " } else { "" }
            .to_owned();
    out.push_str(&server.unwrap_or_default());
    let mut query = false;
    for c in words.chars().take(500) {
        query = c == '?' || query && !(c.is_whitespace() || "\"')".contains(c));
        if !query {
            out.push(if c.is_control() { ' ' } else { c });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use object_store::memory::InMemory;

    use super::*;
    use crate::ledger::place::{Place, Replaced};

    fn places() -> (Place, Place) {
        let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
        let open = || {
            let place = ObjectPlace::with(Arc::clone(&store), "mem://b".into(), "a/b", "live", String::new());
            Place::Object(place.unwrap())
        };
        (open(), open())
    }

    fn contents(ledger: Option<&str>, lock: Option<&str>) -> Contents {
        Contents { ledger: ledger.map(Into::into), lock: lock.map(Into::into) }
    }

    #[tokio::test]
    async fn only_what_was_read_is_replaced() {
        let (one, two) = places();
        assert_eq!(one.name(), "mem://b/a/b/live.ledger.json");
        let empty = one.read().await.unwrap();
        assert_eq!(empty.contents, Contents::default());
        let Replaced::Done(mine) = one.replace(&contents(None, Some("1")), &empty).await.unwrap() else { panic!() };
        let Replaced::Moved(now) = two.replace(&contents(None, Some("2")), &empty).await.unwrap() else { panic!() };
        assert_eq!(now.contents, contents(None, Some("1")));
        let Replaced::Done(freed) = one.replace(&contents(Some("l"), None), &mine).await.unwrap() else { panic!() };
        assert_eq!(two.read().await.unwrap().contents, contents(Some("l"), None));
        // Said twice, done once: what an answer that was lost leaves.
        assert!(matches!(one.replace(&contents(Some("l"), None), &mine).await.unwrap(), Replaced::Done(_)));
        // Freed in between by somebody: a lock of before is not taken for free.
        let Replaced::Done(_) = two.replace(&contents(Some("m"), Some("3")), &freed).await.unwrap() else { panic!() };
        let Replaced::Moved(_) = one.replace(&contents(Some("l"), Some("4")), &freed).await.unwrap() else { panic!() };
    }

    #[tokio::test]
    async fn half_of_a_write_is_finished() {
        let (one, two) = places();
        let empty = one.read().await.unwrap();
        let Replaced::Done(held) = one.replace(&contents(None, Some("1")), &empty).await.unwrap() else { panic!() };
        // The ledger got there, the answer about the lock did not.
        let Replaced::Done(_) = two.replace(&contents(Some("l"), Some("1")), &held).await.unwrap() else { panic!() };
        let Replaced::Done(_) = one.replace(&contents(Some("l"), None), &held).await.unwrap() else { panic!() };
        assert_eq!(two.read().await.unwrap().contents, contents(Some("l"), None));
    }

    #[test]
    fn two_free_locks_differ() {
        let lock = |id: &str| format!("{{\"id\": \"{id}\"}}").into_bytes();
        assert!(is_free(&free(None)) && is_free(&free(Some(&lock("a")))));
        assert_ne!(free(Some(&lock("a"))), free(Some(&lock("b"))));
        assert!(!is_free(&lock("a")) && !is_free(b"") && !is_free(b"free"));
    }
}
