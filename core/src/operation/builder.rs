//! Builders: with them Rust callers fill in an operation's parameters. Each operation has one, and one macro makes them all.

/// Makes an operation's builder: a thin, typed face of [`Input`].
///
/// `new(...)` takes the required parameters, and each further line is one text parameter. The parameters that every operation has are added.
macro_rules! builder {
    (
        $(#[$meta:meta])*
        pub struct $name:ident: $operation:ident {
            new($($required:ident: $required_parameter:ident),+);
            $( $(#[$text_meta:meta])* $text:ident: $text_parameter:ident, )*
            $( + $with_properties:ident )?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        #[must_use]
        pub struct $name<'a> {
            input: Input<'a>,
        }

        impl<'a> $name<'a> {
            /// Starts with the required parameters.
            pub fn new($($required: impl Into<std::borrow::Cow<'a, str>>),+) -> Self {
                let mut input = Input::new(Operation::$operation);
                $( input.set(Parameter::$required_parameter, crate::Argument::Text($required.into())); )+
                Self { input }
            }

            $(
                $(#[$text_meta])*
                pub fn $text(mut self, $text: impl Into<std::borrow::Cow<'a, str>>) -> Self {
                    self.input.set(Parameter::$text_parameter, crate::Argument::Text($text.into()));
                    self
                }
            )*

            $( crate::operation::builder::$with_properties!(); )?

            /// When it happened: RFC 3339 text with a zone, Unix milliseconds, a [`Timestamp`](crate::Timestamp) or a
            /// `SystemTime`. Default: now.
            pub fn timestamp(mut self, timestamp: impl Into<crate::Argument<'a>>) -> Self {
                self.input.set(Parameter::Timestamp, timestamp);
                self
            }

            /// The event's own uuid; the server drops repeats of the same uuid, name, time and distinct id. Default: a fresh v7.
            pub fn uuid(mut self, uuid: impl Into<std::borrow::Cow<'a, str>>) -> Self {
                self.input.set(Parameter::Uuid, crate::Argument::Text(uuid.into()));
                self
            }

            /// A group the event belongs to, sent in `$groups`.
            pub fn group(self, group_type: &str, group_key: &str) -> Self {
                self.insert(Parameter::Groups, group_type, group_key)
            }

            /// Whether the event creates or updates a person, and belongs to groups. Default: the project's setting.
            pub fn process_person_profile(mut self, process: bool) -> Self {
                self.input.set(Parameter::ProcessPersonProfile, process);
                self
            }

            fn insert(mut self, parameter: Parameter, key: &str, value: impl serde::Serialize) -> Self {
                self.input.insert(parameter, key, value);
                self
            }
        }

        impl<'a> From<$name<'a>> for Input<'a> {
            fn from(builder: $name<'a>) -> Self {
                builder.input
            }
        }
    };
}

/// The part of a builder whose operation has `Properties`.
macro_rules! with_properties {
    () => {
        /// One property, of any serializable value.
        pub fn property(self, key: &str, value: impl serde::Serialize) -> Self {
            self.insert(Parameter::Properties, key, value)
        }

        /// All properties at once, in place of those set before.
        pub fn properties(mut self, properties: crate::Properties) -> Self {
            self.input.set(Parameter::Properties, properties);
            self
        }
    };
}

pub(crate) use {builder, with_properties};

#[cfg(test)]
mod tests {
    use crate::{Config, CreateEvent, Properties};

    #[test]
    fn properties_take_the_place_of_those_before_and_go_before_those_after() {
        let mut properties = Properties::new();
        properties.insert("plan", "pro");
        let event = CreateEvent::new("u", "e").property("seats", 3).properties(properties);
        let config = Config::builder("phc_x").build().unwrap();
        let request = crate::build(event.property("trial", true), &config, 1_795_420_800_000, 1, 1).unwrap();
        let body = request.body_text();
        assert!(body.contains(r#""properties":{"plan":"pro","trial":true,"#), "{body}");
    }
}
