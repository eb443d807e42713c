package org.preferencelearning.experiments.task;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.jsontype.TypeSerializer;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import java.io.IOException;

/**
 * Writes a constant as its name, also where an interface is asked for that users implement by records: this library's own
 * implementations that have no components are enums.
 */
public final class ByName extends StdSerializer<Enum<?>> {
    private static final long serialVersionUID = 1;

    /** For Jackson. */
    public ByName() {
        super(Enum.class, false);
    }

    @Override
    public void serialize(Enum<?> value, JsonGenerator json, SerializerProvider provider) throws IOException {
        json.writeString(value.name());
    }

    @Override
    public void serializeWithType(Enum<?> value, JsonGenerator json, SerializerProvider provider, TypeSerializer type)
            throws IOException {
        serialize(value, json, provider);
    }
}
