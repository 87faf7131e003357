package io.kpod.apiserver.http;

import java.util.concurrent.Executor;
import javax.net.ssl.SSLEngine;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/**
 * TLS connections whose handlers run on an executor of their own. Jetty's run them on its pool's few threads when
 * HTTP/1.1 is spoken, virtual threads or not: as many clients that send slowly would bring the port to a stop.
 */
final class VirtualTls extends SslConnectionFactory {
    private final Executor handlers;

    VirtualTls(SslContextFactory.Server factory, String next, Executor handlers) {
        super(factory, next);
        this.handlers = handlers;
    }

    @Override
    protected SslConnection newSslConnection(Connector connector, EndPoint endPoint, SSLEngine engine) {
        return new SslConnection(
                connector.getByteBufferPool(),
                handlers,
                getSslContextFactory(),
                endPoint,
                engine,
                isDirectBuffersForEncryption(),
                isDirectBuffersForDecryption());
    }
}
