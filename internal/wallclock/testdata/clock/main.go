// Command clock tells the time, and how long it takes for a millisecond to pass.
package main

import (
	"fmt"
	"time"
)

func main() {
	began := time.Now()
	<-time.After(time.Millisecond)
	fmt.Println(began.Format(time.RFC3339Nano), time.Since(began))
}
