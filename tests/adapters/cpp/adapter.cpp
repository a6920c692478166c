// The C++ adapter: reads a line of the suite as fields (../fields/main.rs), calls the library through hogwire.hpp, prints one
// line of JSON.
#include <hogwire.hpp>

#include <cstdio>
#include <iostream>
#include <map>
#include <mutex>
#include <sstream>
#include <thread>

namespace {

using fields = std::multimap<std::string, std::string>;

// The fields as they came, for the steps of a queue.
std::vector<std::pair<std::string, std::string>> in_order;

// Reads the fields of one line; nothing at the end of the input.
std::optional<fields> read_fields() {
    fields all;
    in_order.clear();
    std::string name;
    std::size_t length = 0;
    while (std::cin >> name >> length) {
        std::string bytes(length, '\0');
        std::cin.ignore(1);
        std::cin.read(bytes.data(), static_cast<std::streamsize>(length));
        std::cin.ignore(1);
        if (name == "end") {
            return all;
        }
        all.emplace(name, bytes);
        in_order.emplace_back(name, bytes);
    }
    return std::nullopt;
}

std::optional<std::string> find(const fields &line, const std::string &name) {
    const auto found = line.find(name);
    return found == line.end() ? std::nullopt : std::optional(found->second);
}

std::string quoted(std::string_view text) {
    std::string json = "\"";
    for (const char character : text) {
        const auto byte = static_cast<unsigned char>(character);
        if (byte < 0x20 || byte == '"' || byte == '\\') {
            char escaped[8];
            std::snprintf(escaped, sizeof escaped, "\\u%04x", byte);
            json += escaped;
        } else {
            json += character;
        }
    }
    return json + "\"";
}

void hook(const std::string &name, hogwire::event event) {
    if (name == "rename") {
        event.set("event", "\"renamed\"");
    } else if (name == "reassign") {
        event.set("distinct_id", "\"reassigned\"");
    } else if (name == "add_property") {
        event.set_property("hook", "true");
    } else if (name == "break") {
        event.remove("distinct_id");
    } else if (name == "drop") {
        event.drop();
    } else {
        throw std::runtime_error("the hook raised");
    }
}

hogwire::config read_config(const fields &line) {
    hogwire::config config(find(line, "config").value_or("{}"));
    const auto [first, last] = line.equal_range("before_send");
    for (auto one = first; one != last; ++one) {
        config.add_before_send([name = one->second](hogwire::event event) { hook(name, event); });
    }
    return config;
}

std::string outcome_json(const hogwire::outcome &outcome) { return "{\"outcome\":" + outcome.json() + "}"; }

void prepare(const fields &line, const hogwire::client &client) {
    const auto [first, last] = line.equal_range("before");
    for (auto step = first; step != last; ++step) {
        step->second == "opt_out" ? client.opt_out() : client.opt_in();
    }
}

std::string call(const fields &line, const hogwire::client &client) {
    return outcome_json(client.execute(line.find("operation")->second, find(line, "input").value_or("")));
}

std::string batch(const fields &line, const hogwire::client &client) {
    const auto outcomes = client.send_batch(find(line, "items").value_or(""));
    std::string json;
    for (std::size_t index = 0; index < outcomes.size(); ++index) {
        json += (index == 0 ? "" : ",") + outcomes.at(index).json();
    }
    return "{\"outcomes\":[" + json + "]}";
}

// What the hooks of one kind were told, as the items of a JSON array.
struct told {
    std::mutex lock;
    std::string json;
    std::int64_t count = 0;

    void note(const std::string &item, std::size_t more, bool raising) {
        const std::lock_guard guard(lock);
        json += (json.empty() ? "" : ",") + item;
        count += static_cast<std::int64_t>(more);
        if (raising) {
            throw std::runtime_error("the hook raised");
        }
    }
    bool reached(std::int64_t least) {
        const std::lock_guard guard(lock);
        return count >= least;
    }
};

template <typename Condition> bool until(std::chrono::milliseconds patience, Condition is_so) {
    const auto start = std::chrono::steady_clock::now();
    while (!is_so()) {
        if (std::chrono::steady_clock::now() - start > patience) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(3));
    }
    return true;
}

bool has_come(const hogwire::queue &queue, const std::string &least) {
    std::istringstream lines(least);
    std::string name;
    std::int64_t number = 0;
    while (lines >> name >> number) {
        if (queue.stat(name.c_str()) < number) {
            return false;
        }
    }
    return true;
}

// The entry of one step; nothing for a field that is no step.
std::string step(const hogwire::client &client, const hogwire::queue &queue, std::size_t index) {
    const auto &[name, value] = in_order[index];
    if (name == "push") {
        return "{\"receipt\":" + queue.execute(value, in_order.at(index + 1).second).json() + "}";
    }
    if (name == "flush" || name == "close") {
        const std::chrono::milliseconds timeout(std::stoll(value));
        return "{\"report\":" + (name == "flush" ? queue.flush(timeout) : queue.close(timeout)).json() + "}";
    }
    if (name == "wait") {
        const bool came = until(std::chrono::seconds(10), [&, &least = value] { return has_come(queue, least); });
        return came ? "{\"waited\":true}" : "{\"waited\":false}";
    }
    if (name == "opt_out") {
        client.opt_out();
        return "{\"opted\":\"out\"}";
    }
    if (name == "opt_in") {
        client.opt_in();
        return "{\"opted\":\"in\"}";
    }
    return "";
}

std::string run_queue(const fields &line, const hogwire::client &client) {
    told drops, errors, delivered;
    const bool raising = find(line, "raising").has_value();
    hogwire::queue_options options(find(line, "options").value_or("{}"));
    options.set_on_drop([&](const hogwire::dropped &one) {
        drops.note("{\"Uuid\":" + quoted(one.uuid) + ",\"Reason\":" + quoted(one.reason) + ",\"Message\":" +
                       quoted(one.message) + "}", 1, raising);
    });
    options.set_on_error([&](hogwire::outcome_view outcome) { errors.note(outcome.json(), 1, raising); });
    options.set_on_delivered([&](const std::vector<std::string> &uuids, const std::string &delivery) {
        std::string list;
        for (const auto &uuid : uuids) {
            list += (list.empty() ? "" : ",") + quoted(uuid);
        }
        delivered.note("{\"Uuids\":[" + list + "],\"Delivery\":" + quoted(delivery) + "}", uuids.size(), raising);
    });
    std::string entries, stats;
    {
        const hogwire::queue queue(client, options);
        for (std::size_t index = 0; index < in_order.size(); ++index) {
            const auto entry = step(client, queue, index);
            entries += (entries.empty() || entry.empty() ? "" : ",") + entry;
        }
        until(std::chrono::seconds(2), [&] {
            return delivered.reached(queue.stat("events_delivered_total")) && drops.reached(queue.stat("events_dropped_total")) &&
                   errors.reached(queue.stat("requests_failed_total"));
        });
        stats = queue.stats_json();
        // With its end nothing is told any more.
    }
    return "{\"steps\":[" + entries + "],\"stats\":" + stats + ",\"on_drop\":[" + drops.json + "],\"on_error\":[" + errors.json +
           "],\"on_delivered\":[" + delivered.json + "]}";
}

hogwire::outcome interpret(const fields &line, const hogwire::request &request, std::int64_t now_ms) {
    if (const auto kind = find(line, "failure")) {
        const auto sent = find(line, "sent");
        return hogwire::interpret(request, hogwire::failure{*kind, sent ? std::optional(*sent == "1") : std::nullopt});
    }
    hogwire::response answer{std::stoi(line.find("status")->second), {}, find(line, "body").value_or("")};
    // A multimap keeps the order in which equal names came, so names and values pair up.
    auto value = line.equal_range("header_value").first;
    const auto [first, last] = line.equal_range("header_name");
    for (auto name = first; name != last; ++name, ++value) {
        answer.headers.emplace_back(name->second, value->second);
    }
    return hogwire::interpret(request, answer, now_ms);
}

std::string build(const fields &line, const std::string &action, const hogwire::config &config) {
    const auto now_ms = std::stoll(find(line, "now_ms").value_or("0"));
    const auto seed = std::stoull(find(line, "seed").value_or("0"));
    const auto attempt = static_cast<unsigned>(std::stoul(find(line, "attempt").value_or("1")));
    const auto built = hogwire::build(config, line.find("operation")->second, find(line, "input").value_or(""), now_ms, seed, attempt);
    if (const auto *refused = std::get_if<hogwire::outcome>(&built)) {
        return outcome_json(*refused);
    }
    const auto &request = std::get<hogwire::request>(built);
    if (action == "interpret") {
        return outcome_json(interpret(line, request, now_ms));
    }
    return action == "curl" ? "{\"curl\":" + quoted(request.to_curl()) + "}"
                            : "{\"request\":" + std::string(request.json()) + "}";
}

std::string answer(const fields &line) {
    const auto action = line.find("do")->second;
    if (action == "catalogue") {
        return std::string("{\"catalogue\":") + hogwire_catalogue_json() + "}";
    }
    if (action == "uuid_from") {
        return "{\"uuid\":" + quoted(hogwire::uuid_from(find(line, "key").value_or(""))) + "}";
    }
    const auto config = read_config(line);
    if (action == "build" || action == "interpret" || action == "curl") {
        return build(line, action, config);
    }
    const hogwire::client client(config);
    prepare(line, client);
    return action == "config" ? "{\"config\":\"ok\"}"
           : action == "batch" ? batch(line, client)
           : action == "queue" ? run_queue(line, client)
                               : call(line, client);
}

} // namespace

int main() {
    while (const auto line = read_fields()) {
        try {
            std::cout << answer(*line) << std::endl;
        } catch (const hogwire::error &misuse) {
            const auto option = misuse.option.empty() ? "" : "\"Option\":" + quoted(misuse.option) + ",";
            std::cout << "{\"error\":{" << option << "\"Message\":" << quoted(misuse.what()) << "}}" << std::endl;
        }
    }
    return 0;
}
