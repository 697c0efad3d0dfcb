// Reads one step from each line of standard input, lets the published client do it, and prints what came of it.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"sync"
)

// What came of a step, or something that the client said by itself.
type line struct {
	ID    int         `json:"id,omitempty"`
	Step  string      `json:"step,omitempty"`
	Event string      `json:"event,omitempty"`
	OK    bool        `json:"ok"`
	Got   interface{} `json:"got,omitempty"`
	Error string      `json:"error,omitempty"`
}

var output sync.Mutex

func emit(said line) {
	text, err := json.Marshal(said)
	if err != nil {
		panic(fmt.Sprintf("an answer cannot be written: %v", err))
	}
	output.Lock()
	defer output.Unlock()
	fmt.Println(string(text))
}

func event(name string, got interface{}) {
	emit(line{Event: name, OK: true, Got: got})
}

func run(asked arguments) {
	step, isKnown := steps[asked.Step]
	if !isKnown {
		emit(line{ID: asked.ID, Step: asked.Step, Error: "no step is called " + asked.Step})
		return
	}
	got, err := step(asked)
	if err != nil {
		emit(line{ID: asked.ID, Step: asked.Step, Error: err.Error()})
		return
	}
	emit(line{ID: asked.ID, Step: asked.Step, OK: true, Got: got})
}

func main() {
	input := bufio.NewScanner(os.Stdin)
	input.Buffer(nil, 1<<20)
	for input.Scan() {
		var asked arguments
		if err := json.Unmarshal(input.Bytes(), &asked); err != nil {
			panic(fmt.Sprintf("a step cannot be read: %v", err))
		}
		go run(asked)
	}
}
