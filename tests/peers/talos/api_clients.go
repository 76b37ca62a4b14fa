package main

import (
	"context"
	stdtls "crypto/tls"
	stdx509 "crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"time"

	"github.com/siderolabs/crypto/tls"
	"github.com/siderolabs/crypto/x509"
	machineapi "github.com/siderolabs/talos/pkg/machinery/api/machine"
	talosclient "github.com/siderolabs/talos/pkg/machinery/client"
	clientconfig "github.com/siderolabs/talos/pkg/machinery/client/config"
	"github.com/siderolabs/talos/pkg/machinery/config/generate/secrets"
	"github.com/siderolabs/talos/pkg/machinery/role"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

// callResult is what became of a call to the Talos API.
type callResult struct {
	File    string `json:"file"`
	Context string `json:"context"`
	// Roles are those that the server found in the client's certificate, if it
	// took it.
	Roles []string `json:"roles"`
	// Error says why the call failed: the server's reason, if it had one.
	Error string `json:"error,omitempty"`
}

// callAPI calls a server of the Talos API with the CA of a bundle, on this machine, as
// every context of every talosconfig.
func callAPI(args []string) error {
	if len(args) < 2 {
		return fmt.Errorf("%w: call-api takes a bundle and talosconfigs", errUsage)
	}

	bundle, err := loadBundle(args[0], time.Now())
	if err != nil {
		return err
	}

	demands, err := apiDemands(bundle)
	if err != nil {
		return err
	}

	encoder := json.NewEncoder(os.Stdout)

	for _, path := range args[1:] {
		config, err := clientconfig.Open(path)
		if err != nil {
			return err
		}

		for name := range config.Contexts {
			result := callResult{File: path, Context: name}

			if result.Roles, err = callAs(config, name, demands); err != nil {
				result.Error = err.Error()
			}

			if err := encoder.Encode(result); err != nil {
				return err
			}
		}
	}

	return nil
}

// callAs calls a server of its own with the client that talosctl itself has, and gives
// the roles that the server answers with.
func callAs(config *clientconfig.Config, contextName string, demands *stdtls.Config) ([]string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()

	refused := make(chan error, 1)

	address, stop, err := serveAPI(demands, refused)
	if err != nil {
		return nil, err
	}

	defer stop()

	api, err := talosclient.New(ctx,
		talosclient.WithConfig(config),
		talosclient.WithContextName(contextName),
		talosclient.WithEndpoints(address),
	)
	if err != nil {
		return nil, err
	}

	defer api.Close() //nolint:errcheck

	answer, err := api.MachineClient.Hostname(ctx, &emptypb.Empty{})
	if err != nil {
		// What a client sees of a refusal is but a closed connection.
		select {
		case err = <-refused:
		case <-time.After(time.Second):
		}

		return nil, err
	}

	var roles []string

	for _, message := range answer.Messages {
		roles = append(roles, message.Hostname)
	}

	return roles, nil
}

// apiServer answers with the roles of the client.
type apiServer struct {
	machineapi.UnimplementedMachineServiceServer
}

// Hostname stands for any call that every role may make: its answer has a place for
// a text.
func (apiServer) Hostname(ctx context.Context, _ *emptypb.Empty) (*machineapi.HostnameResponse, error) {
	roles, err := rolesOf(ctx)
	if err != nil {
		return nil, err
	}

	response := &machineapi.HostnameResponse{}

	for _, name := range roles.Strings() {
		response.Messages = append(response.Messages, &machineapi.Hostname{Hostname: name})
	}

	return response, nil
}

// rolesOf finds the roles of a client as the injector of apid does: in the
// organizations of the certificate that was verified. Without one that is known,
// no call is allowed.
func rolesOf(ctx context.Context) (role.Set, error) {
	remote, ok := peer.FromContext(ctx)
	if !ok {
		return role.Zero, status.Error(codes.Internal, "no peer")
	}

	info, ok := remote.AuthInfo.(credentials.TLSInfo)
	if !ok || len(info.State.VerifiedChains) == 0 {
		return role.Zero, status.Error(codes.Unauthenticated, "no verified certificate")
	}

	roles, _ := role.Parse(info.State.VerifiedChains[0][0].Subject.Organization)
	if !roles.IncludesAny(role.All) {
		return role.Zero, status.Error(codes.PermissionDenied, "not authorized")
	}

	return roles, nil
}

// apiDemands gives the TLS of apid with the CA of a bundle: it demands a client
// certificate of the CA, and one for a client alone.
func apiDemands(bundle *secrets.Bundle) (*stdtls.Config, error) {
	ca, err := x509.NewCertificateAuthorityFromCertificateAndKey(bundle.Certs.OS)
	if err != nil {
		return nil, err
	}

	pair, err := x509.NewKeyPair(ca,
		x509.CommonName(nodeName),
		x509.IPAddresses([]net.IP{net.IPv4(127, 0, 0, 1)}),
		x509.NotAfter(time.Now().Add(time.Hour)),
		x509.KeyUsage(stdx509.KeyUsageDigitalSignature),
		x509.ExtKeyUsage([]stdx509.ExtKeyUsage{stdx509.ExtKeyUsageServerAuth}),
	)
	if err != nil {
		return nil, err
	}

	config, err := tls.New(
		tls.WithClientAuthType(tls.Mutual),
		tls.WithCACertPEM(ca.CrtPEM),
		tls.WithKeypair(*pair.Certificate),
	)
	if err != nil {
		return nil, err
	}

	config.VerifyPeerCertificate = verifyForClientsAlone

	return config, nil
}

// serveAPI listens on a free port of this machine. Why a handshake was refused is sent
// to the channel.
func serveAPI(demands *stdtls.Config, refused chan<- error) (address string, stop func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}

	service := grpc.NewServer(grpc.Creds(refusals{credentials.NewTLS(demands), refused}))
	machineapi.RegisterMachineServiceServer(service, apiServer{})

	go service.Serve(listener) //nolint:errcheck

	return listener.Addr().String(), service.Stop, nil
}

// verifyForClientsAlone makes the demand of apid that goes beyond TLS's own: the
// certificates that are not a CA's are for TLS clients and nothing else.
func verifyForClientsAlone(_ [][]byte, chains [][]*stdx509.Certificate) error {
	if len(chains) == 0 {
		return errors.New("no verified chain")
	}

	wanted := []stdx509.ExtKeyUsage{stdx509.ExtKeyUsageClientAuth}

	for _, certificate := range chains[0] {
		if !certificate.IsCA && !slices.Equal(certificate.ExtKeyUsage, wanted) {
			return fmt.Errorf("%s is not for clients alone", certificate.Subject)
		}
	}

	return nil
}

// refusals tells why the server ended a handshake.
type refusals struct {
	credentials.TransportCredentials

	refused chan<- error
}

// ServerHandshake makes the handshake, and tells its first error.
func (r refusals) ServerHandshake(conn net.Conn) (net.Conn, credentials.AuthInfo, error) {
	secured, info, err := r.TransportCredentials.ServerHandshake(conn)
	if err != nil {
		select {
		case r.refused <- err:
		default:
		}
	}

	return secured, info, err
}

// Clone is called by the server for itself.
func (r refusals) Clone() credentials.TransportCredentials {
	return r
}
