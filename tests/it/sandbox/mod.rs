//! The sandbox against the API's contract, over real HTTP.

mod addons;
mod catalog;
mod credit_packs;
mod groups;
mod kept;
mod market_prices;
mod markets;
mod offers;
mod promo_codes;
mod recorded;
mod regional;
mod subscribers;
mod transport;
mod trouble;
mod validation;
mod versions;
