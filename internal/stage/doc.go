// Package stage brings up everything that a demonstration or a load test needs as processes of their own: a durable
// PostgreSQL, the simulated card network, and the switch between them.
//
// The programs are the shipped ones. No part of the switch runs inside the driver's process, so that it can be killed
// and its use of the machine measured apart.
package stage
