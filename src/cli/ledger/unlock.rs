use super::Opened;
use crate::cli::common::Style;
use crate::cli::exit;
use crate::cli::failure::Stop;
use crate::ledger::{Contents, Found, Moment, Replaced};

pub(super) async fn run(opened: &Opened, id: &str, style: &Style) -> Result<u8, Stop> {
    let environment = &opened.shelf.environment;
    let mut at = opened.place.read().await?;
    // The owner may be renewing it at this moment.
    for _ in 0..20 {
        let Some(found) = at.contents.lock.as_deref().map(Found::read) else {
            crate::cli::print(&format!("The lock of {environment} is free already\n"), style);
            return Ok(exit::DONE);
        };
        if found.id() != id {
            return Err(Stop::invalid(format!(
                "the lock of {environment} is not {id}: it is {}, held by {}; nothing was changed",
                found.id(),
                found.who(Moment::now())
            ))
            .help("unlock only what you looked at: a lock with another id is another run's"));
        }
        let next = Contents { lock: None, ..at.contents.clone() };
        match opened.place.replace(&next, &at).await? {
            Replaced::Done(_) => {
                let was = found.who(Moment::now());
                let text = format!(
                    "The lock of {environment} is free. It was held by {was}\nIf that run still goes on, it stops when it next renews its lock, and saves no ledger\n"
                );
                crate::cli::print(&text, style);
                return Ok(exit::DONE);
            }
            Replaced::Moved(now) => at = now,
        }
    }
    Err(Stop::new(exit::ERROR, format!("the lock of {environment} changes all the time")).help("try again"))
}
