package org.preferencelearning.core.data;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;

/**
 * What was packed with gzip, in one part or in several that follow each other. The JDK's stream ends without a word where what
 * follows a part is cut short or is no part; here that is a fault.
 */
final class WholeGzip extends GZIPInputStream {
    private static final int TRAILER_BYTES = 8;

    private final Taken taken;
    /** Packed bytes taken when the buffer was last filled. */
    private long filled;

    private WholeGzip(Taken packed, int bufferBytes) throws IOException {
        super(packed, bufferBytes);
        taken = packed;
    }

    static WholeGzip of(InputStream packed, int bufferBytes) throws IOException {
        return new WholeGzip(new Taken(packed), bufferBytes);
    }

    @Override
    protected void fill() throws IOException {
        super.fill();
        filled = taken.count;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        int read = super.read(into, offset, length);
        if (read < 0) {
            requireNothingLeft();
        }
        return read;
    }

    /** At the end the buffer holds the last part's trailer, or its beginning with the rest taken after that. */
    private void requireNothingLeft() throws IOException {
        int buffered = inf.getRemaining();
        long trailer = Math.max(0, TRAILER_BYTES - buffered);
        if (buffered > TRAILER_BYTES || taken.count > filled + trailer || taken.read() >= 0) {
            throw new IOException("what follows the end of a gzip part is no other, or is cut short");
        }
    }

    private static final class Taken extends FilterInputStream {
        private long count;

        Taken(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int read = super.read();
            count += read < 0 ? 0 : 1;
            return read;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int read = super.read(into, offset, length);
            count += Math.max(0, read);
            return read;
        }
    }
}
