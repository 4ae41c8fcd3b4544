// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millrace.test.ServiceProcess;
import io.millrace.test.TestPorts;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The walk of docs/operations.md: a service with a certificate, and a token over it. */
class TlsIT {
    private static final String PASSWORD = "only-for-this-test";
    private static final String TOKEN = "0123456789abcdef0123456789abcdef";

    @TempDir
    private Path directory;

    @Test
    void aServiceWithACertificateIsAskedByTlsAlone() throws Exception {
        // Given a certificate that nobody but the client knows, and a token
        KeyStore own = selfSigned();
        String certificate = pem("CERTIFICATE", own.getCertificate("service").getEncoded());
        String key =
                pem("PRIVATE KEY", own.getKey("service", PASSWORD.toCharArray()).getEncoded());
        String port = Integer.toString(TestPorts.one());
        String digest =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(TOKEN.getBytes(US_ASCII)));
        Map<String, String> config = Map.of(
                "quarkus.http.ssl.certificate.files",
                file("tls.crt", certificate).toString(),
                "quarkus.http.ssl.certificate.key-files",
                file("tls.key", key).toString(),
                "quarkus.http.ssl-port",
                port,
                "quarkus.http.insecure-requests",
                "disabled",
                "millrace.auth.tokens",
                "reader read " + digest);

        try (ServiceProcess service = DatasetProcess.start("127.0.0.1:1", config)) {
            service.awaitStatus("/q/health/live", 200);
            URI secured = URI.create("https://localhost:" + port + "/runs");

            // Then, as soon as that port is open, which is after the one that health is asked at
            await().ignoreException(ConnectException.class).untilAsserted(() -> assertThat(
                            ask(trusting(own), secured, TOKEN).statusCode())
                    .isEqualTo(200));
            assertThat(ask(trusting(own), secured, "another-token-that-is-long-enough")
                            .statusCode())
                    .isEqualTo(401);
            assertThatThrownBy(() -> ask(SSLContext.getDefault(), secured, TOKEN))
                    .isInstanceOf(SSLHandshakeException.class);
            assertThatThrownBy(() -> ask(SSLContext.getDefault(), service.uri().resolve("/runs"), TOKEN))
                    .isInstanceOf(ConnectException.class);
        }
    }

    private static HttpResponse<String> ask(SSLContext trust, URI uri, String token) throws Exception {
        return HttpClient.newBuilder()
                .sslContext(trust)
                .build()
                .send(
                        HttpRequest.newBuilder(uri)
                                .header("Authorization", "Bearer " + token)
                                .build(),
                        BodyHandlers.ofString());
    }

    private static SSLContext trusting(KeyStore store) throws Exception {
        KeyStore known = KeyStore.getInstance("PKCS12");
        known.load(null, null);
        known.setCertificateEntry("service", store.getCertificate("service"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(known);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    private KeyStore selfSigned() throws Exception {
        Path file = directory.resolve("own.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "service",
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=dns:localhost,ip:127.0.0.1",
                        "-validity",
                        "2",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        PASSWORD)
                .inheritIO()
                .start();
        assertThat(keytool.waitFor()).isZero();
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD.toCharArray());
        }
        return store;
    }

    private static String pem(String kind, byte[] content) {
        String lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        return "-----BEGIN " + kind + "-----\n" + lines + "\n-----END " + kind + "-----\n";
    }

    private Path file(String name, String content) throws IOException {
        return Files.writeString(directory.resolve(name), content);
    }
}
