use std::fmt::Write;

use super::Opened;
use crate::cli::common::Style;
use crate::cli::exit;
use crate::cli::failure::Stop;
use crate::cli::store::Locked;
use crate::diagnostic::did_you_mean;
use crate::ledger::{Ledger, SaveError, Then};
use crate::model::Address;

pub(super) async fn run(opened: Opened, addresses: &[Address], style: &Style) -> Result<u8, Stop> {
    let Opened { shelf, place } = opened;
    let (lock, bytes) = shelf.take(place, "ledger forget").await?;
    let done = forget(&lock, bytes.as_deref(), addresses, &shelf.environment, style).await;
    lock.release().await;
    done
}

async fn forget(
    lock: &Locked,
    bytes: Option<&[u8]>,
    addresses: &[Address],
    environment: &str,
    style: &Style,
) -> Result<u8, Stop> {
    let place = lock.place().name();
    let Some(bytes) = bytes else {
        return Err(Stop::invalid(format!("nothing is remembered about {environment}: there is no ledger at {place}")));
    };
    let before = Ledger::read(bytes, &place).map_err(|why| Stop::new(exit::ERROR, why.to_string()))?;
    lock.knows(&before, before.serial).await;
    let chosen = |address: &Address| addresses.iter().any(|chosen| address.is_within(chosen));
    for address in addresses {
        if !before.objects.keys().any(|known| known.is_within(address)) {
            let known: Vec<String> = before.objects.keys().map(ToString::to_string).collect();
            let stop = Stop::invalid(format!("the ledger of {environment} knows no {address}; nothing was changed"));
            let near = did_you_mean(&address.to_string(), known.iter().map(String::as_str)).map(str::to_owned);
            return Err(stop.help(match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`pricebook ledger show` lists what it knows".to_owned(),
            }));
        }
    }
    let mut after = before.clone();
    after.objects.retain(|address, _| !chosen(address));
    let mut text = String::new();
    for (address, entry) in before.objects.iter().filter(|(address, _)| chosen(address)) {
        let _ = writeln!(text, "  {address}{}", if entry.protect { ", with its protection" } else { "" });
    }
    lock.put(&after, Then::Release).await.map_err(|why| match why {
        SaveError::Place(why) => why.into(),
        SaveError::Lost(why) => Stop::new(exit::LOCKED, format!("{why}; nothing was changed")),
    })?;
    let number = before.objects.len() - after.objects.len();
    let _ = writeln!(
        text,
        "\nForgot {number} {}. What is live stays as it is and is not managed any more; what the files still name is adopted by the next apply",
        if number == 1 { "object" } else { "objects" }
    );
    crate::cli::print(&text, style);
    Ok(exit::DONE)
}
