package io.kpod.apiserver.http;

import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Answers 431 to HTTP/2 requests whose headers are longer than what HTTP/1.1's parser takes. */
final class HeaderLimit extends Handler.Wrapper {
    private final int bytes;

    HeaderLimit(int bytes) {
        this.bytes = bytes;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        long length = request.getHttpURI().asString().length();
        for (HttpField field : request.getHeaders()) {
            length += field.getName().length() + (field.getValue() == null ? 0 : field.getValue().length());
        }
        if (length > bytes) {
            Response.writeError(request, response, callback, HttpStatus.REQUEST_HEADER_FIELDS_TOO_LARGE_431);
            return true;
        }
        return super.handle(request, response, callback);
    }
}
