use super::{Code, Finding, Severity, did_you_mean};

impl Code {
    /// The code of a warning that a person wants silenced, or what is wrong with that.
    pub fn to_allow(id: &str) -> Result<Self, Box<Finding>> {
        let wrong = |message: String| Finding::new(Self::BadAllow, message);
        match Self::from_id(id) {
            Some(code) if code.severity() == Severity::Warning => Ok(code),
            Some(code) => {
                Err(Box::new(wrong(format!("{code} is an error, and errors cannot be allowed")).help("correct it")))
            }
            None => {
                let warnings = Self::ALL.iter().filter(|code| code.severity() == Severity::Warning);
                let meant = did_you_mean(id, warnings.map(|code| code.id()));
                let finding = wrong(format!("there is no code `{id}`")).suggest(meant);
                Err(Box::new(finding.help("`pricebook explain` lists the codes of all warnings")))
            }
        }
    }
}
