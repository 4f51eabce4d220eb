package tariffs_test

import (
	"fmt"

	"treasury-switch/calendar"
	"treasury-switch/tariffs"
)

func ExampleSet_Quote() {
	set, err := tariffs.SetOfFiles("../examples/tariffs/1405/passport.yaml")
	if err != nil {
		fmt.Println(err)
		return
	}
	quote, err := set.Quote(tariffs.Request{Service: "PASSPORT", Date: calendar.On(2026, 11, 28)})
	for _, line := range quote.Lines {
		fmt.Println(line.Component, line.Amount)
	}
	fmt.Println(quote.Total, err)
	// Output:
	// identity 10000
	// municipality 37500
	// treasury 1000000
	// office 428612
	// 1476112 <nil>
}
