// The Go adapter: one JSON line in, one JSON line out, through nothing but hogwire.h.
package main

/*
#cgo CFLAGS: -I${SRCDIR}/../../../bindings-c/include
#cgo LDFLAGS: -lhogwire
#include <hogwire.h>
#include <stdlib.h>

void hogwire_adapter_hook(void *name, hogwire_event *event);
*/
import "C"

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strings"
	"unsafe"
)

type response struct {
	Status     int         `json:"status"`
	Headers    [][2]string `json:"headers"`
	Body       string      `json:"body"`
	BodyBase64 []byte      `json:"body_base64"`
}

// What reaches the library (Input, Config) stays the text it is.
type line struct {
	Do         string          `json:"do"`
	Operation  string          `json:"operation"`
	Input      json.RawMessage `json:"input"`
	InputText  *string         `json:"input_text"`
	Config     json.RawMessage `json:"config"`
	NowMs      int64           `json:"now_ms"`
	Seed       uint64          `json:"seed"`
	Attempt    uint32          `json:"attempt"`
	Response   response        `json:"response"`
	Failure    string          `json:"failure"`
	Sent       *bool           `json:"sent"`
	Before     []string        `json:"before"`
	BeforeSend []string        `json:"before_send"`
	Items      json.RawMessage `json:"items"`
	Options    json.RawMessage `json:"options"`
	Steps      []step          `json:"steps"`
	Key        string          `json:"key"`
}

// C strings made for one line, freed with it.
type texts []unsafe.Pointer

func (all *texts) text(value string) *C.char {
	made := C.CString(value)
	*all = append(*all, unsafe.Pointer(made))
	return made
}

func (all *texts) free() {
	for _, made := range *all {
		C.free(made)
	}
}

type misuse struct {
	Option  string `json:"Option,omitempty"`
	Message string `json:"Message"`
}

// check panics with what the last call on this thread says; main turns it into the answer.
func check(status C.hogwire_status) {
	if status != C.HOGWIRE_OK {
		panic(misuse{C.GoString(C.hogwire_last_error_option()), C.GoString(C.hogwire_last_error())})
	}
}

//export hogwire_adapter_hook
func hogwire_adapter_hook(name unsafe.Pointer, event *C.hogwire_event) {
	var all texts
	defer all.free()
	switch C.GoString((*C.char)(name)) {
	case "rename":
		C.hogwire_event_set(event, all.text("event"), all.text(`"renamed"`))
	case "reassign":
		C.hogwire_event_set(event, all.text("distinct_id"), all.text(`"reassigned"`))
	case "add_property":
		C.hogwire_event_set_property(event, all.text("hook"), all.text("true"))
	case "break":
		C.hogwire_event_set(event, all.text("distinct_id"), nil)
	case "drop":
		C.hogwire_event_drop(event)
	default:
		C.hogwire_event_fail(event, all.text("the hook raised"))
	}
}

func (given *line) input() string {
	if given.InputText != nil {
		return *given.InputText
	}
	return string(given.Input)
}

func outcomeJSON(outcome *C.hogwire_outcome) string {
	defer C.hogwire_outcome_free(outcome)
	return `{"outcome":` + C.GoString(C.hogwire_outcome_json(outcome)) + `}`
}

func (given *line) call(config *C.hogwire_config, all *texts) string {
	var client *C.hogwire_client
	var outcome *C.hogwire_outcome
	check(C.hogwire_client_with_config(config, &client))
	defer C.hogwire_client_free(client)
	if given.Do == "config" {
		return `{"config":"ok"}`
	}
	for _, step := range given.Before {
		if step == "opt_out" {
			check(C.hogwire_client_opt_out(client))
		} else {
			check(C.hogwire_client_opt_in(client))
		}
	}
	switch given.Do {
	case "batch":
		return given.batch(client, all)
	case "queue":
		return given.queue(client, all)
	}
	input := given.input()
	check(C.hogwire_execute(client, all.text(given.Operation), all.text(input), C.size_t(len(input)), &outcome))
	return outcomeJSON(outcome)
}

func (given *line) batch(client *C.hogwire_client, all *texts) string {
	var outcomes *C.hogwire_outcomes
	items := string(given.Items)
	check(C.hogwire_send_batch(client, all.text(items), C.size_t(len(items)), &outcomes))
	defer C.hogwire_outcomes_free(outcomes)
	var each []string
	for index := C.size_t(0); index < C.hogwire_outcomes_count(outcomes); index++ {
		each = append(each, C.GoString(C.hogwire_outcome_json(C.hogwire_outcomes_at(outcomes, index))))
	}
	return `{"outcomes":[` + strings.Join(each, ",") + `]}`
}

func (given *line) interpret(request *C.hogwire_request, now *C.int64_t, all *texts) string {
	var outcome *C.hogwire_outcome
	if given.Failure != "" {
		sent := C.int32_t(C.HOGWIRE_SENT_UNKNOWN)
		if given.Sent != nil && *given.Sent {
			sent = 1
		} else if given.Sent != nil {
			sent = 0
		}
		check(C.hogwire_interpret_failure(request, all.text(given.Failure), sent, nil, &outcome))
		return outcomeJSON(outcome)
	}
	// One more than there are, so that the first can always be pointed at. In C's memory, because they hold C's pointers.
	count := len(given.Response.Headers)
	memory := C.calloc(C.size_t(count+1), C.sizeof_hogwire_header)
	defer C.free(memory)
	headers := unsafe.Slice((*C.hogwire_header)(memory), count+1)
	for index, header := range given.Response.Headers {
		headers[index] = C.hogwire_header{name: all.text(header[0]), value: all.text(header[1])}
	}
	body := given.Response.BodyBase64
	if body == nil {
		body = []byte(given.Response.Body)
	}
	bytes := C.CBytes(body)
	defer C.free(bytes)
	check(C.hogwire_interpret(request, C.int32_t(given.Response.Status), &headers[0], C.size_t(count),
		(*C.uint8_t)(bytes), C.size_t(len(body)), now, &outcome))
	return outcomeJSON(outcome)
}

func (given *line) build(config *C.hogwire_config, all *texts) string {
	var request *C.hogwire_request
	var outcome *C.hogwire_outcome
	input, now, seed := given.input(), C.int64_t(given.NowMs), C.uint64_t(given.Seed)
	check(C.hogwire_build(config, all.text(given.Operation), all.text(input), C.size_t(len(input)), &now, &seed,
		C.uint32_t(given.Attempt), &request, &outcome))
	if outcome != nil {
		return outcomeJSON(outcome)
	}
	defer C.hogwire_request_free(request)
	switch given.Do {
	case "interpret":
		return given.interpret(request, &now, all)
	case "curl":
		curl, _ := json.Marshal(C.GoString(C.hogwire_request_to_curl(request)))
		return `{"curl":` + string(curl) + `}`
	default:
		return `{"request":` + C.GoString(C.hogwire_request_json(request)) + `}`
	}
}

func answer(text []byte) (reply string) {
	var given line
	if problem := json.Unmarshal(text, &given); problem != nil {
		fmt.Fprintln(os.Stderr, "adapter:", problem)
		os.Exit(2)
	}
	if given.Do == "catalogue" {
		return `{"catalogue":` + C.GoString(C.hogwire_catalogue_json()) + `}`
	}
	var all texts
	var config *C.hogwire_config
	defer all.free()
	if given.Do == "uuid_from" {
		uuid := (*C.char)(C.calloc(C.HOGWIRE_UUID_SIZE, 1))
		all = append(all, unsafe.Pointer(uuid))
		check(C.hogwire_uuid_from(all.text(given.Key), uuid))
		return `{"uuid":"` + C.GoString(uuid) + `"}`
	}
	defer func() {
		if raised, is := recover().(misuse); is {
			json, _ := json.Marshal(raised)
			reply = `{"error":` + string(json) + `}`
		}
	}()
	options := string(given.Config)
	check(C.hogwire_config_new(all.text(options), C.size_t(len(options)), &config))
	defer C.hogwire_config_free(config)
	for _, name := range given.BeforeSend {
		hook := C.hogwire_before_send_function(C.hogwire_adapter_hook)
		check(C.hogwire_config_add_before_send(config, hook, unsafe.Pointer(all.text(name)), nil))
	}
	switch given.Do {
	case "build", "interpret", "curl":
		return given.build(config, &all)
	}
	return given.call(config, &all)
}

func main() {
	// The last error is the thread's.
	runtime.LockOSThread()
	input := bufio.NewReader(os.Stdin)
	for {
		text, problem := input.ReadBytes('\n')
		if problem != nil {
			return
		}
		fmt.Println(answer(text))
	}
}
