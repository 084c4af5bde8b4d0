use std::fmt;
use std::str::FromStr;

/// An ISO 4217 currency. Shown in upper case; Commet writes it in lower case.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// United States dollar, the base currency of every Commet price (commet-api.md §3.9).
    pub const USD: Self = Self(iso_currency::Currency::USD);

    /// Decimal places of one unit: 2 for USD, 0 for JPY.
    pub fn exponent(self) -> u32 {
        self.0.exponent().map_or(2, u32::from)
    }

    /// `USD`.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// What stands before an amount: a symbol where it cannot be mistaken, else the code and a space.
    pub fn prefix(self) -> String {
        match self.code() {
            "USD" => "$".into(),
            "EUR" => "€".into(),
            "GBP" => "£".into(),
            "BRL" => "R$".into(),
            "JPY" => "¥".into(),
            "KRW" => "₩".into(),
            "INR" => "₹".into(),
            "THB" => "฿".into(),
            code => format!("{code} "),
        }
    }
}

impl FromStr for Currency {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        iso_currency::Currency::from_code(&text.to_ascii_uppercase()).map(Self).ok_or(())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
