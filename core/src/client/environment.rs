//! Configuration from the environment: `POSTHOG_API_KEY` and `POSTHOG_HOST`.

use std::env;

use crate::config::ConfigBuilder;

const API_KEY: &str = "POSTHOG_API_KEY";
const HOST: &str = "POSTHOG_HOST";

impl ConfigBuilder {
    /// Takes the api key from `POSTHOG_API_KEY` and the host from `POSTHOG_HOST`, where they were not given otherwise. Without a
    /// key the client is disabled, and its outcomes say why.
    ///
    /// ```
    /// use hogwire::{Client, Config, CreateEvent};
    /// let client = Client::new(Config::builder("").or_from_env().build()?)?;
    /// # if std::env::var_os("POSTHOG_API_KEY").is_none() {
    /// let outcome = client.send(CreateEvent::new("user-1", "signed up"));
    /// assert_eq!(outcome.error_code.as_str(), "disabled");
    /// assert!(outcome.error_message.contains("POSTHOG_API_KEY"));
    /// # }
    /// # Ok::<(), hogwire::ConfigError>(())
    /// ```
    pub fn or_from_env(self) -> Self {
        // A value that is not text is read as far as it is, and then found wrong; it does not count as not set.
        self.or_from_variables(|name| env::var_os(name).map(|value| value.to_string_lossy().into_owned()))
    }

    /// As [`or_from_env`](Self::or_from_env), with the variables that `variable` gives: for languages whose threads may have an environment
    /// of their own.
    pub fn or_from_variables(self, variable: impl Fn(&str) -> Option<String>) -> Self {
        let variable = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
        let builder = match variable(HOST) {
            Some(host) => self.default_host(host, HOST),
            None => self,
        };
        if builder.has_api_key() {
            return builder;
        }
        match variable(API_KEY) {
            Some(api_key) => builder.api_key_from(api_key, API_KEY),
            None => builder.disabled_because("the client is disabled: POSTHOG_API_KEY is not set"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::RecordingTransport;
    use crate::{Client, Config, CreateEvent};

    #[test]
    fn who_disables_a_client_is_not_told_to_give_a_key() {
        let said = |builder: ConfigBuilder| {
            let config = builder.or_from_variables(|_| None).build().unwrap();
            let client = Client::with_transport(config, RecordingTransport::new());
            client.send(CreateEvent::new("user-1", "Signed Up")).error_message
        };
        let option = Config::builder("").disabled(true);
        assert_eq!(said(option), "the client is disabled by the option `disabled`");
        let variable = Config::builder("");
        assert_eq!(said(variable), "the client is disabled: POSTHOG_API_KEY is not set");
    }
}
