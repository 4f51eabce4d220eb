package testdb

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os/exec"
	"strings"
	"time"
)

// defaultDockerSocket is where a Docker engine listens unless DOCKER_HOST says otherwise.
const defaultDockerSocket = "unix:///var/run/docker.sock"

// dockerSocket returns the socket of a Docker engine that answers a ping within a second.
func dockerSocket(host string) (string, bool) {
	if host == "" {
		host = defaultDockerSocket
	}
	path, ok := strings.CutPrefix(host, "unix://")
	if !ok {
		return "", false
	}
	conn, err := net.DialTimeout("unix", path, time.Second)
	if err != nil {
		return "", false
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(time.Second)); err != nil {
		return "", false
	}
	if _, err := io.WriteString(conn, "GET /_ping HTTP/1.0\r\nHost: docker\r\n\r\n"); err != nil {
		return "", false
	}
	status, err := bufio.NewReader(io.LimitReader(conn, 1024)).ReadString('\n')
	return path, err == nil && strings.Contains(status, " 200 ")
}

// container starts PostgreSQL in a container and returns its address. The work is done by a program of its own, so that
// no other test has to be linked with the Docker client. It removes the container when its standard input closes, which
// happens when this process ends, however it ends.
func container(ctx context.Context, socket string) (string, error) {
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	cmd := exec.Command("go", "run", "./internal/testdb/container")
	cmd.Dir = root
	input, err := cmd.StdinPipe()
	if err != nil {
		return "", fmt.Errorf("start PostgreSQL container: %w", err)
	}
	kept = append(kept, input)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", fmt.Errorf("start PostgreSQL container: %w", err)
	}
	var complaints strings.Builder
	cmd.Stderr = &complaints
	if err := cmd.Start(); err != nil {
		return "", fmt.Errorf("start PostgreSQL container: %w", err)
	}
	address := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(out).ReadString('\n') // An empty line says that it failed.
		address <- strings.TrimSpace(line)
	}()
	select {
	case line := <-address:
		if line != "" {
			return line, nil
		}
		_ = cmd.Wait()
		return "", fmt.Errorf("the Docker engine at %s gave no PostgreSQL (set DATABASE_URL to use another server): %s",
			socket, complaints.String())
	case <-ctx.Done():
		_ = cmd.Process.Kill()
		return "", fmt.Errorf("start PostgreSQL container: %w", ctx.Err())
	}
}
