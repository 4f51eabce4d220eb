package money_test

import (
	"fmt"

	"treasury-switch/money"
)

func ExampleSplit() {
	shares, err := money.Split(1_000_000, []int64{1, 1, 1})
	fmt.Println(shares, err)
	// Output: [333334 333333 333333] <nil>
}
