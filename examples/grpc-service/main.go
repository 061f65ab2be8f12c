// Command grpc-service is a minimal gRPC server for health probes: it serves the standard health service, and reports the
// status of the server as a whole and of the service "cage1016.Demo". With -http, it also answers /healthz over HTTP.
package main

import (
	"cmp"
	"flag"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
)

// The empty name is the server as a whole, which a probe without -service checks.
var services = []string{"", "cage1016.Demo"}

func main() {
	addr := flag.String("addr", ":"+cmp.Or(os.Getenv("PORT"), "10021"), "address to listen on")
	serving := flag.Bool("serving", true, "report SERVING from the start")
	overHTTP := flag.String("http", "", "address of /healthz over HTTP, such as :8080")
	flag.Parse()

	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	status := health.NewServer()
	report(status, *serving)
	server := grpc.NewServer()
	healthpb.RegisterHealthServer(server, status)

	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		for received := range signals {
			switch received {
			case syscall.SIGUSR1:
				report(status, false)
			case syscall.SIGUSR2:
				report(status, true)
			default:
				status.Shutdown()
				time.AfterFunc(5*time.Second, server.Stop) // clients that watch may never disconnect
				server.GracefulStop()
			}
		}
	}()

	if *overHTTP != "" {
		http.HandleFunc("/healthz", func(response http.ResponseWriter, request *http.Request) {
			found, err := status.Check(request.Context(), &healthpb.HealthCheckRequest{})
			if err != nil || found.Status != healthpb.HealthCheckResponse_SERVING {
				http.Error(response, "not serving", http.StatusServiceUnavailable)
			}
		})
		go func() { log.Fatal(http.ListenAndServe(*overHTTP, nil)) }()
	}

	log.Printf("listening on %s", listener.Addr())
	if err := server.Serve(listener); err != nil {
		log.Fatal(err)
	}
}

func report(server *health.Server, serving bool) {
	state := healthpb.HealthCheckResponse_NOT_SERVING
	if serving {
		state = healthpb.HealthCheckResponse_SERVING
	}
	for _, service := range services {
		server.SetServingStatus(service, state)
	}
	log.Printf("health: %s", state)
}
