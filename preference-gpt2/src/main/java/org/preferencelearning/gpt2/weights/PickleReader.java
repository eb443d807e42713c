package org.preferencelearning.gpt2.weights;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.gpt2.weights.TorchValues.Global;
import org.preferencelearning.gpt2.weights.TorchValues.Storage;
import org.preferencelearning.gpt2.weights.TorchValues.Tensor;

/**
 * Reads one pickle as PyTorch writes them for a dictionary of tensors. A pickle is a program; this interpreter knows only
 * the opcodes that such files need and calls nothing but the functions of {@link TorchValues#ALLOWED}, so that reading a
 * file cannot do anything else. Whatever else a file asks for is refused by name, and so is a file that asks for more values,
 * or is longer, than weights could need: a byte can make an object.
 */
final class PickleReader {
    private static final int MAX_TEXT_BYTES = 1 << 12;
    /** Values on the stack or in the memo, made in one pickle; a tensor takes about thirty. */
    private static final int MAX_VALUES = 1_000_000;
    /** Most bytes of one pickle. */
    static final long MAX_BYTES = 32L << 20;

    private static final Object MARK = new Object();

    private final String file;
    private final InputStream in;
    private final List<Object> stack = new ArrayList<>();
    private final Deque<Integer> marks = new ArrayDeque<>();
    private final Map<Integer, Object> memo = new HashMap<>();
    private int values;
    private long read;

    private PickleReader(String file, InputStream in) {
        this.file = file;
        this.in = in;
    }

    /**
     * Reads the next pickle of a stream, up to its last byte and no further.
     *
     * @return null, Boolean, BigInteger, String, List, Map, {@link Global}, {@link Storage} or {@link Tensor}
     * @throws WeightsFormatException if it is broken or asks for what is not allowed
     */
    static @Nullable Object read(String file, InputStream in) throws IOException {
        try {
            return new PickleReader(file, in).run();
        } catch (EOFException e) {
            throw new WeightsFormatException(file, "the pickle ends early", e);
        }
    }

    private @Nullable Object run() throws IOException {
        while (true) {
            int opcode = next();
            switch (opcode) {
                case 0x80 -> protocol(); // PROTO
                case '.' -> { // STOP
                    Object result = pop();
                    require(stack.isEmpty() && marks.isEmpty(), "values are left when it stops");
                    return result;
                }
                case '(' -> { // MARK
                    marks.push(stack.size());
                    push(MARK);
                }
                case ')' -> push(List.of()); // EMPTY_TUPLE
                case ']' -> push(new ArrayList<>()); // EMPTY_LIST
                case '}' -> push(new LinkedHashMap<>()); // EMPTY_DICT
                case 't' -> push(Collections.unmodifiableList(popToMark())); // TUPLE
                case 0x85 -> tuple(1); // TUPLE1
                case 0x86 -> tuple(2); // TUPLE2
                case 0x87 -> tuple(3); // TUPLE3
                case 'N' -> push(null); // NONE
                case 0x88 -> push(true); // NEWTRUE
                case 0x89 -> push(false); // NEWFALSE
                case 'J' -> push(BigInteger.valueOf(little(4).getInt())); // BININT
                case 'K' -> push(BigInteger.valueOf(next())); // BININT1
                case 'M' -> push(BigInteger.valueOf(little(2).getShort() & 0xFFFF)); // BININT2
                case 0x8A -> longNumber(); // LONG1
                case 'X' -> push(text(little(4).getInt() & 0xFFFFFFFFL)); // BINUNICODE
                case 'q' -> remember(next()); // BINPUT
                case 'r' -> remember(little(4).getInt()); // LONG_BINPUT
                case 'h' -> recall(next()); // BINGET
                case 'j' -> recall(little(4).getInt()); // LONG_BINGET
                case 'c' -> push(TorchValues.global(file, line(), line())); // GLOBAL
                case 'R' -> reduce(); // REDUCE
                case 'b' -> build(); // BUILD
                case 'Q' -> push(TorchValues.storage(file, pop())); // BINPERSID
                case 'a' -> append(Collections.singletonList(pop())); // APPEND
                case 'e' -> append(popToMark()); // APPENDS
                case 's' -> { // SETITEM
                    Object value = pop();
                    setItems(Collections.unmodifiableList(listOf(pop(), value)));
                }
                case 'u' -> setItems(popToMark()); // SETITEMS
                default -> throw problem(String.format("opcode 0x%02x is not among those that weights need", opcode));
            }
        }
    }

    private static List<Object> listOf(@Nullable Object first, @Nullable Object second) {
        List<Object> list = new ArrayList<>(2);
        list.add(first);
        list.add(second);
        return list;
    }

    private void protocol() throws IOException {
        int version = next();
        require(version == 2, "protocol " + version + "; allowed: 2");
    }

    private void tuple(int size) {
        List<Object> items = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            items.add(pop());
        }
        Collections.reverse(items);
        push(Collections.unmodifiableList(items));
    }

    private void longNumber() throws IOException {
        int size = next();
        byte[] bytes = bytes(size);
        for (int i = 0; i < size / 2; i++) {
            byte swapped = bytes[i];
            bytes[i] = bytes[size - 1 - i];
            bytes[size - 1 - i] = swapped;
        }
        push(size == 0 ? BigInteger.ZERO : new BigInteger(bytes));
    }

    private String text(long size) throws IOException {
        require(size <= MAX_TEXT_BYTES, "a text of " + size + " bytes; allowed: up to " + MAX_TEXT_BYTES);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes((int) size)))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new WeightsFormatException(file, "a text of the pickle is not UTF-8", e);
        }
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = next(); c != '\n'; c = next()) {
            require(line.length() < MAX_TEXT_BYTES, "a name is longer than " + MAX_TEXT_BYTES + " bytes");
            line.append((char) c);
        }
        return line.toString();
    }

    private void remember(int index) {
        require(!stack.isEmpty(), "nothing to remember");
        count();
        memo.put(index, stack.get(stack.size() - 1));
    }

    private void recall(int index) {
        require(memo.containsKey(index), "nothing was remembered as " + index);
        push(memo.get(index));
    }

    private void reduce() {
        Object arguments = pop();
        Object function = pop();
        if (!(function instanceof Global known && arguments instanceof List<?> list)) {
            throw problem("it calls something that is not a function of the allowed ones");
        }
        push(TorchValues.call(file, known, list));
    }

    /** A dictionary's attributes, such as a state dictionary's versions: read and not needed. */
    private void build() {
        pop();
        require(!stack.isEmpty() && stack.get(stack.size() - 1) instanceof Map, "it sets the state of what has none");
    }

    @SuppressWarnings("unchecked") // lists of a pickle are made here, as List<Object>
    private void append(List<Object> items) {
        Object list = stack.isEmpty() ? null : stack.get(stack.size() - 1);
        if (!(list instanceof ArrayList)) {
            throw problem("it appends to what is not a list");
        }
        ((List<Object>) list).addAll(items);
    }

    @SuppressWarnings("unchecked") // maps of a pickle are made here, as Map<Object, Object>
    private void setItems(List<Object> items) {
        Object map = stack.isEmpty() ? null : stack.get(stack.size() - 1);
        if (!(map instanceof Map) || items.size() % 2 != 0) {
            throw problem("it sets items of what is not a dictionary");
        }
        for (int i = 0; i < items.size(); i += 2) {
            Object key = items.get(i);
            require(key instanceof String, "a dictionary has a key that is not a text");
            require(((Map<Object, Object>) map).put(key, items.get(i + 1)) == null, "'" + key + "' is set twice");
        }
    }

    private List<Object> popToMark() {
        require(!marks.isEmpty(), "a mark is missing");
        int start = marks.pop();
        List<Object> items = new ArrayList<>(stack.subList(start + 1, stack.size()));
        stack.subList(start, stack.size()).clear();
        return items;
    }

    private void count() {
        require(++values <= MAX_VALUES, "it makes more than " + MAX_VALUES + " values; weights need far fewer");
    }

    private void push(@Nullable Object value) {
        count();
        stack.add(value);
    }

    private @Nullable Object pop() {
        require(!stack.isEmpty() && stack.get(stack.size() - 1) != MARK, "a value is missing");
        return stack.remove(stack.size() - 1);
    }

    private int next() throws IOException {
        int value = in.read();
        if (value < 0) {
            throw new EOFException();
        }
        advance(1);
        return value;
    }

    private ByteBuffer little(int size) throws IOException {
        return ByteBuffer.wrap(bytes(size)).order(ByteOrder.LITTLE_ENDIAN);
    }

    private void advance(int size) {
        read += size;
        require(read <= MAX_BYTES, "it is longer than " + MAX_BYTES + " bytes");
    }

    private byte[] bytes(int size) throws IOException {
        advance(size);
        byte[] bytes = in.readNBytes(size);
        if (bytes.length < size) {
            throw new EOFException();
        }
        return bytes;
    }

    private void require(boolean valid, String problem) {
        if (!valid) {
            throw problem(problem);
        }
    }

    private WeightsFormatException problem(String problem) {
        return new WeightsFormatException(file, "pickle: " + problem);
    }
}
