//! A batch as JSON: a list of objects, each with an operation's parameters and its name beside them, under `Operation`.

use super::input::{argument, decode_text, valid_json};
use super::scan::{Scanner, members};
use crate::operation::{Argument, Input, Operation};

/// The name under which an item says what it is.
const OPERATION: &str = "Operation";
/// The name as other languages spell it. It is understood, so that all names of the item that are spelled like this are refused together.
const RESPELLED: &str = "operation";

impl<'a> Input<'a> {
    /// Reads the calls of a batch: a list of objects in PascalCase, each with its operation under `Operation`.
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
            Ok(other) => vec![Self::of_no_list(&argument(other).kind())],
            Err(problem) => vec![Self::unread(
                Operation::Event,
                format!("The batch is not a JSON array: {problem}; give one of objects, each with its operation."),
            )],
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
    let last = |name| members(text).filter(|(key, _)| decode_text(key) == name).last();
    let named = [OPERATION, RESPELLED]
        .into_iter()
        .find_map(|name| Some((name, last(name)?.1)));
    let Some((name, value)) = named else {
        return Input::unknown_operation(Argument::Absent);
    };
    let given = argument(value);
    let operation = match &given {
        Argument::Text(word) => Operation::from_word(word),
        _ => None,
    };
    let Some(operation) = operation else {
        return Input::unknown_operation(given);
    };
    let mut input = Input::new(operation);
    if name == RESPELLED {
        input.unknown_among(RESPELLED, &[OPERATION]);
    }
    input.read_members(text, |member| member == name);
    input
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
        let operation = |code| vec![(code, "Operation".to_owned())];
        let no_object = vec![(FindingCode::InvalidJson, "Input".to_owned())];
        let json = r#" [ {"Operation": "event", "EventName": "[{,"} , {}, {"Operation":"capture"}, {"Operation":"\ud800"}, {"Operation":7}, 3, [ ],
            {"\u004fperation": "alias", "Operation": "page", "PageUrl": "x"}, {"Operation":"page","Alias":"a"},
            {"operation":"event","distinct_id":"u","EventName":"e"}, {"\u004fperation":"event","EventName":"e"}] "#;
        let unknown = |name: &str| (FindingCode::UnknownParameter, name.to_owned());
        assert_eq!(
            found(json),
            [
                vec![],
                operation(FindingCode::Required),
                operation(FindingCode::UnknownParameter),
                operation(FindingCode::UnknownParameter),
                operation(FindingCode::InvalidType),
                no_object.clone(),
                no_object,
                vec![],
                vec![unknown("Alias")],
                vec![unknown("operation"), unknown("distinct_id")],
                vec![],
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
