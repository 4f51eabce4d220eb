package main

import (
	"fmt"
	"net"
	"strconv"
)

// adminAddress is where a running node serves its metrics and live state: HOST:PORT.
type adminAddress string

// UnmarshalText refuses what is no such address; a URL is the usual mistake.
func (a *adminAddress) UnmarshalText(text []byte) error {
	_, port, err := net.SplitHostPort(string(text))
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return fmt.Errorf("%q is no HOST:PORT such as 127.0.0.1:9464, without http:// before it", text)
	}
	*a = adminAddress(text)
	return nil
}
