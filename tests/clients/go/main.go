// The Go server-side SDK, driven by a test: one JSON command a line comes in, one JSON answer a line goes out.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/launchdarkly/go-sdk-common/v3/ldcontext"
	"github.com/launchdarkly/go-sdk-common/v3/ldlog"
	"github.com/launchdarkly/go-sdk-common/v3/ldvalue"
	ld "github.com/launchdarkly/go-server-sdk/v7"
	"github.com/launchdarkly/go-server-sdk/v7/ldcomponents"
)

const (
	patience   = 10 * time.Second
	lineLength = 4 << 20
)

type command struct {
	ID   int               `json:"id"`
	Call string            `json:"call"`
	Args []json.RawMessage `json:"args"`
}

type reply struct {
	ID     int    `json:"id"`
	Answer any    `json:"answer"`
	Error  string `json:"error,omitempty"`
}

type start struct {
	URL string `json:"url"`
	Key string `json:"key"`
}

type started struct {
	Initialized bool   `json:"initialized"`
	Error       string `json:"error,omitempty"`
}

type detail struct {
	Value          ldvalue.Value       `json:"value"`
	VariationIndex ldvalue.OptionalInt `json:"variationIndex"`
	Reason         json.RawMessage     `json:"reason"`
}

var client *ld.LDClient

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 0, 64<<10), lineLength)
	answers := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var given command
		if err := json.Unmarshal(lines.Bytes(), &given); err != nil {
			log.Fatal(err)
		}
		answer, err := act(given)
		said := reply{ID: given.ID, Answer: answer}
		if err != nil {
			said.Error = err.Error()
		}
		if err := answers.Encode(said); err != nil {
			log.Fatal(err)
		}
	}
}

func act(given command) (any, error) {
	switch given.Call {
	case "start":
		return begin(given.Args)
	case "details":
		return details(given.Args)
	case "track":
		return nil, track(given.Args)
	case "flush":
		client.FlushAndWait(patience)
		return nil, nil
	case "close":
		return nil, client.Close()
	}
	return nil, fmt.Errorf("there is no call %q", given.Call)
}

func begin(args []json.RawMessage) (any, error) {
	var wanted start
	if err := read(args, &wanted); err != nil {
		return nil, err
	}
	logging := ldcomponents.Logging().MinLevel(ldlog.Warn)
	config := ld.Config{ServiceEndpoints: ldcomponents.RelayProxyEndpoints(wanted.URL), Logging: logging}
	made, err := ld.MakeCustomClient(wanted.Key, config, patience)
	client = made
	outcome := started{Initialized: made != nil && made.Initialized()}
	if err != nil {
		outcome.Error = err.Error()
	}
	return outcome, nil
}

// How each context is answered for each flag, in that order.
func details(args []json.RawMessage) (any, error) {
	var flags []string
	var contexts []ldcontext.Context
	var otherwise ldvalue.Value
	if err := read(args, &flags, &contexts, &otherwise); err != nil {
		return nil, err
	}
	found := make([][]detail, 0, len(contexts))
	for _, context := range contexts {
		row := make([]detail, 0, len(flags))
		for _, flag := range flags {
			value, given, _ := client.JSONVariationDetail(flag, context, otherwise) // the reason tells of errors
			reason, err := json.Marshal(given.Reason)
			if err != nil {
				return nil, err
			}
			row = append(row, detail{Value: value, VariationIndex: given.VariationIndex, Reason: reason})
		}
		found = append(found, row)
	}
	return found, nil
}

func track(args []json.RawMessage) error {
	var event string
	var context ldcontext.Context
	var data ldvalue.Value
	var metric float64
	if err := read(args, &event, &context, &data, &metric); err != nil {
		return err
	}
	return client.TrackMetric(event, context, metric, data)
}

func read(args []json.RawMessage, into ...any) error {
	if len(args) != len(into) {
		return fmt.Errorf("%d arguments given, %d wanted", len(args), len(into))
	}
	for index, each := range into {
		if err := json.Unmarshal(args[index], each); err != nil {
			return fmt.Errorf("argument %d: %w", index, err)
		}
	}
	return nil
}
