package identity_test

import (
	"fmt"

	"treasury-switch/identity"
)

// However a card number is printed, only what may be shown is.
func ExampleParsePAN() {
	pan, err := identity.ParsePAN("6037990000000014")
	fmt.Printf("%v %q %v\n", pan, pan, err)
	_, err = identity.ParsePAN("6037990000000015")
	fmt.Println(err)
	// Output:
	// 603799******0014 603799******0014 <nil>
	// card number: check digit (Luhn) is wrong
}
