//! The pages: every code block is run, compiled or parsed by somebody, every link leads somewhere, and the troubleshooting page names
//! every published code.
//!
//! `tests/pages.json` is the one list: the pages, who looks after a language's blocks, the blocks that run as part of a story, and the
//! exceptions with their reasons. The runners read it, too.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests: a panic is how a test fails"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use hogwire_conformance::folder;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pages {
    pages: Vec<String>,
    runners: BTreeMap<String, String>,
    stories: Vec<Story>,
    exceptions: Vec<Exception>,
}

/// A block that is a program of a story, named by its first line.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Story {
    page: String,
    starts: String,
    by: String,
}

/// A block that nobody runs, named by its first line.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    page: String,
    starts: String,
    why: String,
}

/// A fenced block: its language and its lines.
struct Block {
    language: String,
    lines: Vec<String>,
}

impl Block {
    fn starts(&self) -> &str {
        self.lines.first().map_or("", String::as_str)
    }
}

fn root() -> PathBuf {
    folder("..")
}

fn read(page: &str) -> String {
    fs::read_to_string(root().join(page)).unwrap_or_else(|error| panic!("{page}: {error}"))
}

fn listed() -> Pages {
    serde_json::from_str(&read("tests/pages.json")).expect("pages.json is understood")
}

/// A page's fenced blocks, and its other lines.
fn parts(page: &str) -> (Vec<Block>, Vec<String>) {
    let (mut blocks, mut prose, mut open) = (Vec::new(), Vec::new(), None::<Block>);
    for line in read(page).lines() {
        match (line.strip_prefix("```"), open.take()) {
            (Some(language), None) => {
                open = Some(Block {
                    language: language.to_owned(),
                    lines: Vec::new(),
                });
            }
            (Some(_), Some(block)) => blocks.push(block),
            (None, Some(mut block)) => {
                block.lines.push(line.to_owned());
                open = Some(block);
            }
            (None, None) => prose.push(line.to_owned()),
        }
    }
    assert!(open.is_none(), "{page}: a block has no end");
    (blocks, prose)
}

/// Every Markdown file of the project; what is built or fetched lies in folders of its own.
fn markdown_files(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("the project can be read") {
        let path = entry.expect("the project can be read").path();
        let name = path
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        if path.is_dir() {
            let is_ours = !name.starts_with('.') && name != "target" && name != "node_modules" && !path.is_symlink();
            if is_ours && !path.join("CACHEDIR.TAG").exists() {
                markdown_files(&path, found);
            }
        } else if name.ends_with(".md") {
            let page = path.strip_prefix(root()).expect("it lies in the project");
            found.insert(page.to_string_lossy().replace('\\', "/"));
        }
    }
}

#[test]
fn every_markdown_file_is_a_page() {
    let mut found = BTreeSet::new();
    markdown_files(&root(), &mut found);
    assert_eq!(listed().pages.into_iter().collect::<BTreeSet<_>>(), found);
}

#[test]
fn every_block_is_looked_after() {
    let list = listed();
    for (language, runner) in &list.runners {
        assert!(
            read(runner).contains("pages.json"),
            "{runner}, for {language}, does not read pages.json"
        );
    }
    let stories: BTreeMap<_, _> = list
        .stories
        .iter()
        .map(|story| ((&*story.page, &*story.starts), story))
        .collect();
    let exceptions: BTreeMap<_, _> = list
        .exceptions
        .iter()
        .map(|block| ((&*block.page, &*block.starts), block))
        .collect();
    let mut seen = BTreeSet::new();
    let mut blocks = 0;
    for page in &list.pages {
        for block in parts(page).0 {
            blocks += 1;
            let place = (page.as_str(), block.starts());
            if stories.contains_key(&place) || exceptions.contains_key(&place) {
                assert!(
                    seen.insert((page.clone(), block.starts().to_owned())),
                    "{place:?} stands for two blocks"
                );
                continue;
            }
            assert!(
                list.runners.contains_key(&block.language),
                "{page}: nobody runs the block in {:?} that begins with {:?}; tests/pages.json says who does, or why not",
                block.language,
                block.starts()
            );
        }
    }
    assert!(blocks >= 80, "only {blocks} blocks");
    for (page, starts) in stories.keys().chain(exceptions.keys()) {
        assert!(
            seen.contains(&((*page).to_owned(), (*starts).to_owned())),
            "{page} has no block that begins with {starts:?}"
        );
    }
    for story in &list.stories {
        let name = story.starts.trim_start_matches(['#', '/', ' ']);
        assert!(read(&story.by).contains(name), "{} has no story of {name}", story.by);
    }
    for exception in &list.exceptions {
        assert!(
            !exception.why.trim().is_empty(),
            "{}: {} has no reason",
            exception.page,
            exception.starts
        );
    }
}

#[test]
fn no_page_has_indented_code() {
    for page in listed().pages {
        let mut before = String::new();
        for line in parts(&page).1 {
            let is_code = line.starts_with("    ") && before.trim().is_empty();
            assert!(
                !is_code,
                "{page}: {line:?} is code without a fence, which nobody looks after"
            );
            // What belongs to a list item is indented as well.
            if !(line.trim().is_empty() && before.starts_with(['*', '-', ' '])) {
                before = line;
            }
        }
    }
}

#[test]
fn json_blocks_are_json() {
    let mut count = 0;
    for page in listed().pages {
        for block in parts(&page).0.iter().filter(|block| block.language == "json") {
            let text = block.lines.join("\n");
            assert!(
                serde_json::from_str::<Value>(&text).is_ok(),
                "{page}: not JSON:\n{text}"
            );
            count += 1;
        }
    }
    assert!(count > 0, "there are none any more; take json out of pages.json");
}

/// Shell blocks are parsed; the make targets they name exist, and so do the files and folders of this project.
#[test]
fn shell_blocks_are_understood() {
    let mut count = 0;
    for page in listed().pages {
        for block in parts(&page).0.iter().filter(|block| block.language == "sh") {
            let text = block.lines.join("\n");
            let parsed = Command::new("sh")
                .args(["-n", "-c", &text])
                .output()
                .expect("there is a shell");
            assert!(
                parsed.status.success(),
                "{page}: {}\n{text}",
                String::from_utf8_lossy(&parsed.stderr)
            );
            for line in &block.lines {
                let command = line.split('#').next().unwrap_or_default().trim();
                if command == "make" || command.starts_with("make ") {
                    let dry = Command::new("sh")
                        .arg("-c")
                        .arg(command.replacen("make", "make --dry-run", 1))
                        .current_dir(root())
                        .output();
                    let dry = dry.expect("there is a make");
                    assert!(
                        dry.status.success(),
                        "{page}: {command}\n{}",
                        String::from_utf8_lossy(&dry.stderr)
                    );
                }
                for word in command
                    .split_whitespace()
                    .filter(|word| word.starts_with("./") || word.starts_with("scripts/"))
                {
                    let below = root().join(&page);
                    let here = [root().join(word), below.parent().unwrap_or(&below).join(word)];
                    assert!(here.iter().any(|path| path.exists()), "{page}: there is no {word}");
                }
            }
            count += 1;
        }
    }
    assert!(count >= 10, "only {count} shell blocks");
}

/// A heading's anchor as hosts of Markdown make it.
fn anchor(heading: &str) -> String {
    heading
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

#[test]
fn every_link_leads_somewhere() {
    let mut count = 0;
    for page in listed().pages {
        for target in parts(&page).1.iter().flat_map(|line| line.split("](").skip(1)) {
            let target = target.split(')').next().unwrap_or_default();
            if target.contains("://") {
                continue;
            }
            count += 1;
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            let from = root().join(&page);
            let path = if file.is_empty() {
                from
            } else {
                from.parent().expect("a file has a folder").join(file)
            };
            assert!(path.exists(), "{page} links to {target}");
            if !heading.is_empty() {
                let text = fs::read_to_string(&path).expect("a page is text");
                let headings = text.lines().filter(|line| line.starts_with('#'));
                let mut anchors = headings.map(|line| anchor(line.trim_start_matches('#').trim()));
                assert!(
                    anchors.any(|found| found == heading),
                    "{page} links to {target}, which has no such heading"
                );
            }
        }
    }
    assert!(count >= 20, "only {count} links");
}

/// The first cells of the tables under a heading, each `code`.
fn codes_under<'t>(text: &'t str, heading: &str) -> BTreeSet<&'t str> {
    let section = text.split(&format!("\n## {heading}\n")).nth(1).unwrap_or_default();
    let section = section.split("\n## ").next().unwrap_or_default();
    let cells = section.lines().filter_map(|line| line.strip_prefix("| `"));
    cells.filter_map(|rest| rest.split('`').next()).collect()
}

#[test]
fn the_troubleshooting_page_names_every_published_code() {
    let text = read("docs/troubleshooting.md");
    let published: Value = serde_json::from_str(&read("tests/vectors/catalogue/published.json")).expect("it is JSON");
    let catalogue = &published["cases"][0]["expect"]["catalogue"];
    for (list, heading) in [
        ("ErrorCodes", "Error codes"),
        ("Deliveries", "Deliveries"),
        ("Findings", "Finding codes"),
        ("Warnings", "Warning codes"),
        ("DropReasons", "Drop reasons"),
    ] {
        let words = catalogue[list]["items"].as_array().expect("the catalogue lists words");
        let words: BTreeSet<_> = words.iter().filter_map(Value::as_str).collect();
        assert!(words.len() > 5, "{list}");
        assert_eq!(codes_under(&text, heading), words, "{heading}");
    }
}
