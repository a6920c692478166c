//! A batch as JSON: a list of objects, each with an operation's parameters and its name beside them, under `Operation`.

use super::scan::{Scanner, members};
use crate::operation::input::{decode_text, valid_json};
use crate::operation::{Input, Operation};

/// The name under which an item says what it is.
const OPERATION: &str = "Operation";

impl<'a> Input<'a> {
    /// Reads the calls of a batch: a list of objects in the reference's spelling, each with its operation under `Operation`.
    /// Never fails: what is wrong with an item, its operation included, becomes findings of that item, and text that is no list
    /// becomes one input that is refused.
    ///
    /// ```
    /// # let client = hogwire::Client::new(hogwire::Config::builder("phc_x").build()?)?;
    /// let inputs = hogwire::Input::list_from_json(br#"[{"Operation": "event", "DistinctId": "user-1"}, {"Operation": "?"}]"#);
    /// let outcomes = client.send_batch(inputs);
    /// let parameters: Vec<_> = outcomes.iter().map(|outcome| &outcome.findings[0].parameter).collect();
    /// assert_eq!(parameters, ["EventName", "Operation"]);
    /// # Ok::<(), hogwire::ConfigError>(())
    /// ```
    #[must_use]
    pub fn list_from_json(json: &'a [u8]) -> Vec<Self> {
        match valid_json(json) {
            Ok(list) if list.starts_with('[') => items(list).map(item).collect(),
            // Either it is no JSON, or another kind of value: the sentence is the same as for a single input.
            _ => vec![Self::unreadable_list(json)],
        }
    }
}

/// The texts of a valid JSON list's items.
fn items(list: &str) -> impl Iterator<Item = &str> {
    let mut scanner = Scanner::new(list);
    scanner.next();
    std::iter::from_fn(move || Some(scanner.value_text()).filter(|item| !item.is_empty()))
}

fn item(text: &str) -> Input<'_> {
    if !text.starts_with('{') {
        return Input::from_json(Operation::Event, text.as_bytes());
    }
    // As with every parameter, the last one counts.
    let named = members(text).filter(|(key, _)| decode_text(key) == OPERATION).last();
    let word = named.and_then(|(_, value)| value.starts_with('"').then(|| decode_text(value)));
    match word.as_deref().and_then(Operation::from_word) {
        Some(operation) => {
            let mut input = Input::new(operation);
            input.read_members(text, |name| name == OPERATION);
            input
        }
        None => Input::unknown_operation(&word.unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::FindingCode;

    fn found(json: &str) -> Vec<Vec<(FindingCode, String)>> {
        Input::list_from_json(json.as_bytes())
            .iter_mut()
            .map(|input| {
                let refusals = input.take_findings().into_found().refusals;
                refusals
                    .into_iter()
                    .map(|finding| (finding.code, finding.parameter))
                    .collect()
            })
            .collect()
    }

    #[test]
    fn every_item_is_read_on_its_own() {
        let operation = vec![(FindingCode::UnknownParameter, "Operation".to_owned())];
        let no_object = vec![(FindingCode::InvalidJson, "Input".to_owned())];
        let json = r#" [ {"Operation": "event", "EventName": "[{,"} , {}, {"Operation":"capture"}, {"Operation":7}, 3, [ ],
            {"\u004fperation": "alias", "Operation": "page", "PageUrl": "x"}, {"Operation":"page","Alias":"a"}] "#;
        let unknown = vec![(FindingCode::UnknownParameter, "Alias".to_owned())];
        assert_eq!(
            found(json),
            [
                vec![],
                operation.clone(),
                operation.clone(),
                operation,
                no_object.clone(),
                no_object,
                vec![],
                unknown
            ]
        );
    }

    #[test]
    fn what_is_no_list_is_one_refusal() {
        for json in ["", "{}", "[", "null", "[1,]", "\"[]\""] {
            assert_eq!(
                found(json),
                [[(FindingCode::InvalidJson, "Input".to_owned())]],
                "{json}"
            );
        }
        assert!(found("[]").is_empty());
    }
}
