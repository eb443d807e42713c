package org.preferencelearning.experiments.report;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * A piece of a page, as a value. Strings are always text, {@linkplain Shown shown} and escaped when they are written; the only
 * elements and attributes are those listed here, none of which loads or runs anything.
 */
sealed interface Markup permits Markup.Element, Markup.Text, Markup.Style {
    /**
     * An element.
     *
     * @param name one of {@link Element#NAMES}
     * @param attributes each one of {@link Element#ATTRIBUTES}
     * @param children what it holds
     */
    record Element(String name, Map<String, String> attributes, List<Markup> children) implements Markup {
        private static final Set<String> NAMES = Set.of(
                ("html head meta title style body header main section footer nav h1 h2 h3 h4 p ul ol li a strong em small"
                                + " code pre span div bdi dl dt dd table caption thead tbody tr th td details summary"
                                + " figure figcaption svg g path line rect circle text desc")
                        .split(" "));
        private static final Set<String> ATTRIBUTES =
                Set.of(("lang charset name content http-equiv class id href scope dir role tabindex open aria-label"
                                + " aria-labelledby aria-hidden viewBox width height x y x1 y1 x2 y2 d cx cy r transform"
                                + " text-anchor focusable")
                        .split(" "));
        /** Elements that have no content and no end. */
        private static final Set<String> EMPTY = Set.of("meta", "path", "line", "rect", "circle");

        public Element {
            require(NAMES.contains(name), "element", name);
            attributes.forEach((attribute, value) -> {
                require(ATTRIBUTES.contains(attribute), "attribute", attribute);
                require(!attribute.equals("href") || value.startsWith("#"), "link", value);
            });
            attributes = ImmutableMap.copyOf(attributes);
            children = ImmutableList.copyOf(children);
        }

        private static void require(boolean known, String what, String name) {
            if (!known) {
                throw new IllegalArgumentException("unknown " + what + ": " + name);
            }
        }

        /** The same element with one attribute more. */
        Element with(String attribute, Object value) {
            return new Element(
                    name,
                    ImmutableMap.<String, String>builder()
                            .putAll(attributes)
                            .put(attribute, value.toString())
                            .buildOrThrow(),
                    children);
        }

        /** The same element of a class. */
        Element of(String cssClass) {
            return with("class", cssClass);
        }
    }

    /** Text of anybody. */
    record Text(String text) implements Markup {}

    /** The page's style sheet, which is part of the library. */
    record Style(String sheet) implements Markup {
        public Style {
            // HTML reads none of these in a style sheet, so they cannot be escaped there
            if (sheet.matches("(?s).*[<>&].*")) {
                throw new IllegalArgumentException("a style sheet with a character that must be escaped");
            }
        }
    }

    /** An element. */
    static Element el(String name, Markup... children) {
        return new Element(name, Map.of(), List.of(children));
    }

    /** An element. */
    static Element el(String name, List<? extends Markup> children) {
        return new Element(name, Map.of(), new ArrayList<>(children));
    }

    /** An element of text. */
    static Element el(String name, String text) {
        return el(name, text(text));
    }

    /** Text. */
    static Text text(String text) {
        return new Text(text);
    }

    /** Text of a study or a file, which keeps its direction of writing to itself. */
    static Element foreign(String text) {
        return el("bdi", text);
    }

    /** A whole page. */
    static String page(Element html) {
        StringWriter out = new StringWriter();
        try {
            XMLStreamWriter xml = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(out);
            xml.writeDTD("<!DOCTYPE html>\n");
            write(html, xml);
            xml.close();
        } catch (XMLStreamException e) {
            throw new IllegalStateException(e);
        }
        return out.append('\n').toString();
    }

    private static void write(Markup markup, XMLStreamWriter xml) throws XMLStreamException {
        if (markup instanceof Text text) {
            xml.writeCharacters(Shown.text(text.text()));
        } else if (markup instanceof Style style) {
            xml.writeCharacters(style.sheet());
        } else if (markup instanceof Element element) {
            boolean empty = Element.EMPTY.contains(element.name());
            if (empty) {
                xml.writeEmptyElement(element.name());
            } else {
                xml.writeStartElement(element.name());
            }
            for (Map.Entry<String, String> attribute : element.attributes().entrySet()) {
                xml.writeAttribute(attribute.getKey(), Shown.text(attribute.getValue(), Integer.MAX_VALUE));
            }
            if (!empty) {
                for (Markup child : element.children()) {
                    write(child, xml);
                }
                xml.writeEndElement();
            }
        }
    }
}
