// c++ -std=c++17 quickstart.cpp $(pkg-config --cflags --libs hogwire) -Wl,-rpath,"$(pkg-config --variable=libdir hogwire)" -o quickstart
// POSTHOG_API_KEY=phc_... ./quickstart
#include "hogwire.hpp"

#include <iostream>

int main() {
    auto config = hogwire::config::from_env();
    config.add_before_send([](hogwire::event event) { event.remove_property("source"); });
    const hogwire::client client(config);

    const auto outcome = client.create_event("user-12345", "User Signed Up", R"({"plan": "premium", "source": "web_form"})");
    if (outcome) {
        std::cout << outcome.delivery() << ", event " << *outcome.event_uuid() << "\n";
    } else {
        std::cout << outcome.error_code() << ": " << outcome.error_message() << "\n";
    }
    for (const auto &finding : client.create_alias("user-12345", "null").findings()) {
        std::cout << finding.code << " " << finding.parameter << "\n";
    }
    return outcome ? 0 : 1;
}
