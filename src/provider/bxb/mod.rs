//! bxb (BoxBilling): open-source usage billing.

pub mod sandbox;
