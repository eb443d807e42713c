package org.preferencelearning.gpt2.weights;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a safetensors header from front to back, so that it takes no more memory than the tensors that it lists. Their number
 * and dimensions are limited; what the format does not know is refused.
 */
final class SafetensorsHeader {
    private static final String METADATA = "__metadata__";
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(StreamReadFeature.AUTO_CLOSE_SOURCE)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .build();

    private final String file;
    private final JsonParser json;
    private final long dataStart;
    private final long dataBytes;
    private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();

    private SafetensorsHeader(String file, JsonParser json, long dataStart, long dataBytes) {
        this.file = file;
        this.json = json;
        this.dataStart = dataStart;
        this.dataBytes = dataBytes;
    }

    /**
     * Reads a header.
     *
     * @param header its bytes
     * @param dataStart where in the file the data begin
     * @param dataBytes how many bytes follow there
     */
    static SafetensorsHeader read(String file, InputStream header, long dataStart, long dataBytes) throws IOException {
        // with a decoder of its own: Jackson's would guess the encoding
        try (JsonParser json = JSON.createParser(new InputStreamReader(header, StandardCharsets.UTF_8.newDecoder()))) {
            SafetensorsHeader result = new SafetensorsHeader(file, json, dataStart, dataBytes);
            result.read();
            return result;
        } catch (CharacterCodingException e) {
            throw new WeightsFormatException(file, "the header is not valid UTF-8", e);
        } catch (JsonProcessingException e) {
            throw new WeightsFormatException(file, "the header is not JSON: " + e.getOriginalMessage(), e);
        }
    }

    /** The tensors by name, in the order of the header. */
    Map<String, TensorInfo> tensors() {
        return tensors;
    }

    Map<String, String> metadata() {
        return metadata;
    }

    private void read() throws IOException {
        json.nextToken();
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
            json.nextToken();
            if (name.equals(METADATA)) {
                readMetadata();
            } else {
                count(tensors.size());
                tensors.put(name, tensor(name));
            }
        }
        if (json.nextToken() != null) {
            throw problem("the header goes on after its end");
        }
    }

    private void readMetadata() throws IOException {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            throw problem("'" + METADATA + "' is not an object");
        }
        for (String key = json.nextFieldName(); key != null; key = json.nextFieldName()) {
            String value = json.nextTextValue();
            if (value == null) {
                throw problem("'" + METADATA + "." + key + "' is not a text");
            }
            count(metadata.size());
            metadata.put(key, value);
        }
    }

    private void count(int entries) {
        if (entries == TensorSource.MAX_TENSORS) {
            throw problem("the header lists more than " + TensorSource.MAX_TENSORS + " tensors or metadata");
        }
    }

    private TensorInfo tensor(String name) throws IOException {
        String where = "tensor '" + name + "': ";
        if (json.currentToken() != JsonToken.START_OBJECT) {
            throw problem(where + "not an object");
        }
        TensorType type = null;
        List<Long> shape = null;
        List<Long> offsets = null;
        for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
            json.nextToken();
            switch (field) {
                case "dtype" -> type = type(where);
                case "shape" -> shape = naturals(where + "'shape'", TensorSource.MAX_DIMENSIONS);
                case "data_offsets" -> offsets = naturals(where + "'data_offsets'", 2);
                default -> throw problem(where + "unknown field '" + field + "'");
            }
        }
        if (type == null || shape == null || offsets == null) {
            throw problem(where + "one of 'dtype', 'shape' and 'data_offsets' is missing");
        }
        if (offsets.size() != 2 || offsets.get(0) > offsets.get(1) || offsets.get(1) > dataBytes) {
            throw problem(where + "'data_offsets' is " + offsets + "; allowed: [begin, end] within " + dataBytes
                    + " bytes of data");
        }
        long bytes = type.bytes();
        try {
            for (long dimension : shape) {
                bytes = Math.multiplyExact(bytes, dimension);
            }
        } catch (ArithmeticException e) {
            throw new WeightsFormatException(file, where + "the shape " + shape + " is too large", e);
        }
        long length = offsets.get(1) - offsets.get(0);
        if (bytes != length) {
            throw problem(where + "shape " + shape + " of " + type + " takes " + bytes + " bytes, not " + length);
        }
        return new TensorInfo(
                name,
                type,
                shape.stream().mapToLong(Long::longValue).toArray(),
                dataStart + offsets.get(0),
                dataStart + offsets.get(1));
    }

    private TensorType type(String where) throws IOException {
        String name = json.currentToken() == JsonToken.VALUE_STRING
                ? json.getText()
                : json.currentToken().toString();
        try {
            return TensorType.valueOf(name);
        } catch (IllegalArgumentException e) {
            throw new WeightsFormatException(file, where + "unknown dtype '" + name + "'", e);
        }
    }

    private List<Long> naturals(String what, int most) throws IOException {
        if (json.currentToken() != JsonToken.START_ARRAY) {
            throw problem(what + " is not a list");
        }
        List<Long> numbers = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            if (json.currentToken() != JsonToken.VALUE_NUMBER_INT
                    || json.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                    || json.getLongValue() < 0) {
                throw problem(what + " holds " + json.getText() + "; allowed: whole numbers from 0, within 64 bits");
            }
            if (numbers.size() == most) {
                throw problem(what + " has more than " + most + " numbers");
            }
            numbers.add(json.getLongValue());
        }
        return numbers;
    }

    private WeightsFormatException problem(String problem) {
        return new WeightsFormatException(file, problem);
    }
}
