package org.preferencelearning.core.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;

/**
 * Decodes text and refuses bytes that are none, but only when all text before them has been read: a reader of lines then
 * knows the line.
 */
final class StrictReader extends Reader {
    private static final int BUFFER_BYTES = 1 << 16;

    private final InputStream in;
    private final CharsetDecoder decoder;
    private final ByteBuffer bytes = ByteBuffer.allocate(BUFFER_BYTES).flip();
    private CoderResult fault = CoderResult.UNDERFLOW;
    private boolean ended;

    StrictReader(InputStream in, Charset charset) {
        this.in = in;
        this.decoder = charset.newDecoder(); // which reports what it cannot decode
    }

    /** {@inheritDoc} {@code length} is at least 2, room for a character of two code units. */
    @Override
    public int read(char[] target, int offset, int length) throws IOException {
        if (fault.isError()) {
            fault.throwException();
        }
        CharBuffer out = CharBuffer.wrap(target, offset, length).slice();
        while (true) {
            CoderResult result = decoder.decode(bytes, out, ended);
            if (result.isError()) {
                fault = result;
                if (out.position() == 0) {
                    result.throwException();
                }
            }
            if (out.position() > 0) {
                return out.position();
            }
            if (ended) {
                return -1;
            }
            bytes.compact();
            int count = in.read(bytes.array(), bytes.position(), bytes.remaining());
            ended = count < 0;
            bytes.position(bytes.position() + Math.max(0, count)).flip();
        }
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
