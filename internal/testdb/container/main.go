// Command container starts a PostgreSQL in a container for one process's tests, prints its address as a line on standard
// output, and removes the container when standard input closes.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/wait"
)

const (
	image    = "postgres:15"
	port     = "5432/tcp"
	password = "test" // of a database that lives for one test run, on a port of this machine
	limit    = 100 * time.Second
)

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	request := testcontainers.ContainerRequest{
		Image:        image,
		ExposedPorts: []string{port},
		Env:          map[string]string{"POSTGRES_PASSWORD": password},
		// No data of a test survive its container, so it need not wait for a disk.
		Cmd: []string{"postgres", "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=300",
			"-c", "max_locks_per_transaction=256"},
		// The image starts the server twice: once to prepare the data, then for good.
		WaitingFor: wait.ForAll(wait.ForLog("ready to accept connections").WithOccurrence(2), wait.ForListeningPort(port)),
	}
	server, err := testcontainers.GenericContainer(ctx,
		testcontainers.GenericContainerRequest{ContainerRequest: request, Started: true})
	defer func() { _ = testcontainers.TerminateContainer(server) }()
	if err != nil {
		return fmt.Errorf("start %s: %w", image, err)
	}
	endpoint, err := server.PortEndpoint(ctx, port, "")
	if err != nil {
		return fmt.Errorf("find the port of %s: %w", image, err)
	}
	fmt.Fprintf(out, "postgres://postgres:%s@%s/postgres?sslmode=disable\n", password, endpoint)
	_, _ = io.Copy(io.Discard, in) // Until the tests' process ends.
	return nil
}
