package calendar_test

import (
	"fmt"
	"time"

	"treasury-switch/calendar"
)

func ExampleParseDay() {
	nowruz, err := calendar.ParseDay("1405/01/01")
	fmt.Println(nowruz, nowruz.JalaliString(), err)
	// Output: 2026-03-21 1405/01/01 <nil>
}

// A day of the treasury begins at midnight in Tehran.
func ExampleDateOf() {
	fmt.Println(calendar.DateOf(time.Date(2026, time.March, 20, 20, 29, 59, 0, time.UTC)))
	fmt.Println(calendar.DateOf(time.Date(2026, time.March, 20, 20, 30, 0, 0, time.UTC)))
	// Output:
	// 2026-03-20
	// 2026-03-21
}
