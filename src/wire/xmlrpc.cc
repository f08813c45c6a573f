#include "wire/xmlrpc.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <pugixml.hpp>

#include "base/text.h"
#include "wire/http.h"
#include "wire/utf8.h"

namespace upkeep::wire {
namespace {

constexpr int kDepthMax = 64;                         // of values within values
constexpr std::ptrdiff_t kTagsMax = 250'000;          // pugixml spends up to 128 bytes on a tag and the text after it
constexpr std::ptrdiff_t kReplyTagsMax = 4'000'000;   // of the daemon we trust: 30,000 programs
constexpr std::ptrdiff_t kReferencesMax = 1'000'000;  // "&lt;" and the like: each costs pugixml a move of memory
constexpr std::ptrdiff_t kAttributesMax = 64;         // XML-RPC has none but those of the declaration

// --- reading

// Whether the quoted values inside of tags are more than attributes of XML-RPC can be. Texts may be full of quotes.
bool has_too_many_attributes(std::string_view body) {
  std::ptrdiff_t attributes = 0;
  for (auto at = body.find('<'); at != std::string_view::npos; at = body.find('<', at)) {
    const std::string_view tag = body.substr(at);
    std::string_view ends_with;  // of what has no attributes
    if (tag.starts_with("<!--")) ends_with = "-->";
    if (tag.starts_with("<![CDATA[")) ends_with = "]]>";
    if (tag.starts_with("<?")) ends_with = "?>";
    if (!ends_with.empty()) {
      at = body.find(ends_with, at);
      continue;
    }
    if (tag.starts_with("<!")) return true;  // a document type, which is refused in any case
    while ((at = body.find_first_of("\"'>", at)) != std::string_view::npos && body[at] != '>') {
      if (++attributes > kAttributesMax) return true;
      at = body.find(body[at], at + 1);
      if (at == std::string_view::npos) return false;  // not well-formed
      ++at;
    }
  }
  return false;
}

// pugixml is lenient; these are the inputs that must not reach it: other encodings, NUL (which would end its strings
// early), and documents that would grow far beyond their own size.
bool may_parse(std::string_view body, std::ptrdiff_t tags_max) {
  if (std::count(body.begin(), body.end(), '<') > tags_max) return false;
  if (std::count(body.begin(), body.end(), '&') > kReferencesMax) return false;
  if (has_too_many_attributes(body)) return false;
  for (auto at = body.find("&#"); at != std::string_view::npos; at = body.find("&#", at + 1)) {
    const bool hex = body.substr(at + 2, 1) == "x";
    const std::size_t first = std::min(body.find_first_not_of('0', at + (hex ? 3 : 2)), body.size());
    if (body.substr(first, 1) == ";") return false;  // a reference to NUL
  }
  while (!body.empty()) {
    const CodePoint c = first_code_point(body);
    if (c.bytes == 0 || !is_xml_char(c.value)) return false;
    body.remove_prefix(c.bytes);
    body.remove_prefix(ascii_prefix(body));
  }
  return true;
}

pugi::xml_node first_element(pugi::xml_node parent) {
  return parent.find_child([](pugi::xml_node node) { return node.type() == pugi::node_element; });
}

// All text before the first child element, as ElementTree's `text`. nullopt: a reference to a character XML forbids.
std::optional<std::string> text_of(pugi::xml_node element) {
  std::string text;
  for (const pugi::xml_node child : element.children()) {
    if (child.type() == pugi::node_element) break;
    text += child.value();
  }
  if (!is_utf8(text)) return std::nullopt;
  return text;
}

std::optional<std::int64_t> read_integer(std::string_view text) {
  text = trim(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error == std::errc::invalid_argument || end != text.data() + text.size()) return std::nullopt;
  if (error == std::errc::result_out_of_range)  // Python's integers have no bounds; no method means such a number
    return text.front() == '-' ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max();
  return value;
}

std::optional<double> read_double(std::string_view text) {
  text = trim(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

using Decoded = std::optional<XmlRpcValue>;

Decoded read_value(pugi::xml_node value, int depth);

Decoded read_array(pugi::xml_node array, int depth) {
  XmlRpcArray items;
  for (const pugi::xml_node item : first_element(array).children()) {
    if (item.type() != pugi::node_element) continue;
    Decoded decoded = read_value(item, depth);
    if (!decoded) return std::nullopt;
    items.push_back(std::move(*decoded));
  }
  return items;
}

Decoded read_struct(pugi::xml_node structure, int depth) {
  XmlRpcStruct members;
  for (const pugi::xml_node member : structure.children("member")) {
    const pugi::xml_node value = member.child("value");
    auto name = text_of(member.child("name"));
    Decoded decoded = value ? read_value(value, depth) : std::nullopt;
    if (!name || !decoded) return std::nullopt;
    members.emplace_back(std::move(*name), std::move(*decoded));
  }
  return members;
}

// Types as Supervisor's xmlrpc.py unmarshallers know them; unknown ones are their text.
Decoded read_typed(pugi::xml_node typed, int depth) {
  const std::string_view type = typed.name();
  if (type == "array") return read_array(typed, depth);
  if (type == "struct") return read_struct(typed, depth);
  if (type == "nil") return XmlRpcValue{};
  auto text = text_of(typed);
  if (!text) return std::nullopt;
  if (type == "int" || type == "i4") {
    const auto number = read_integer(*text);
    return number ? Decoded{*number} : std::nullopt;
  }
  if (type == "boolean") return XmlRpcValue{*text == "1"};
  if (type == "double") {
    const auto number = read_double(*text);
    if (!number) return std::nullopt;
    XmlRpcValue value;
    value.is = *number;
    return value;
  }
  if (type == "base64") {
    auto bytes = base64_decode(*text);
    return bytes && is_utf8(*bytes) ? Decoded{std::move(*bytes)} : std::nullopt;
  }
  return XmlRpcValue{std::move(*text)};
}

Decoded read_value(pugi::xml_node value, int depth) {
  if (depth >= kDepthMax) return std::nullopt;
  if (const pugi::xml_node typed = first_element(value)) return read_typed(typed, depth + 1);
  auto text = text_of(value);
  return text ? Decoded{std::move(*text)} : std::nullopt;
}

// The root element, whatever its name; empty when the text is no document of one root without a DOCTYPE.
pugi::xml_node parse_document(std::string_view body, pugi::xml_document& document, std::ptrdiff_t tags_max) {
  if (!may_parse(body, tags_max)) return {};
  constexpr unsigned kOptions = pugi::parse_default | pugi::parse_ws_pcdata | pugi::parse_doctype;
  if (!document.load_buffer(body.data(), body.size(), kOptions, pugi::encoding_utf8)) return {};
  pugi::xml_node root;
  for (const pugi::xml_node node : document.children()) {
    if (node.type() == pugi::node_doctype) return {};
    if (node.type() != pugi::node_element) continue;
    if (root) return {};
    root = node;
  }
  return root;
}

const Error kUnmarshallable{"unmarshallable", 0};

// --- writing

bool is_plain(unsigned char c) { return c >= 0x20 && c < 0x7f && c != '&' && c != '<' && c != '>'; }

void write_character(std::string& out, std::string_view text, CodePoint c) {
  switch (c.bytes > 0 && is_xml_char(c.value) ? c.value : 0) {
    case 0: out += "\xef\xbf\xbd"; break;
    case '&': out += "&amp;"; break;
    case '<': out += "&lt;"; break;
    case '>': out += "&gt;"; break;
    default: out += text.substr(0, c.bytes);
  }
}

void write_text(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const auto special = std::find_if_not(text.begin(), text.end(), is_plain);
    out.append(text.begin(), special);
    text.remove_prefix(static_cast<std::size_t>(special - text.begin()));
    if (text.empty()) return;
    const CodePoint c = first_code_point(text);
    write_character(out, text, c);
    text.remove_prefix(std::max<std::size_t>(c.bytes, 1));
  }
}

class ValueWriter {
 public:
  explicit ValueWriter(std::string& out) : out_(out) {}

  void write(const XmlRpcValue& value) { std::visit(*this, value.is); }

  void operator()(XmlRpcNil) { out_ += "<value><nil/></value>\n"; }
  void operator()(const XmlRpcWritten& value) { out_ += value.xml; }
  void operator()(bool value) { out_ += value ? kTrue : kFalse; }
  void operator()(std::int64_t value) {
    constexpr std::int64_t kMin = std::numeric_limits<std::int32_t>::min();
    constexpr std::int64_t kMax = std::numeric_limits<std::int32_t>::max();
    out_ += "<value><int>" + std::to_string(std::clamp(value, kMin, kMax)) + "</int></value>\n";
  }
  void operator()(double value) { out_ += fmt::format("<value><double>{}</double></value>\n", value); }
  void operator()(const std::string& value) {
    out_ += "<value><string>";
    write_text(out_, value);
    out_ += "</string></value>\n";
  }
  void operator()(const XmlRpcArray& items) {
    out_ += "<value><array><data>\n";
    for (const XmlRpcValue& item : items) write(item);
    out_ += "</data></array></value>\n";
  }
  void operator()(const XmlRpcStruct& members) {
    out_ += "<value><struct>\n";
    for (const auto& [name, value] : members) {
      out_ += "<member>\n<name>";
      write_text(out_, name);
      out_ += "</name>\n";
      write(value);
      out_ += "</member>\n";
    }
    out_ += "</struct></value>\n";
  }

 private:
  static constexpr std::string_view kTrue = "<value><boolean>1</boolean></value>\n";
  static constexpr std::string_view kFalse = "<value><boolean>0</boolean></value>\n";
  std::string& out_;
};

constexpr std::string_view kProlog = "<?xml version='1.0'?>\n";

}  // namespace

const XmlRpcValue* XmlRpcValue::member(std::string_view name) const {
  const auto* members = std::get_if<XmlRpcStruct>(&is);
  if (!members) return nullptr;
  const auto found = std::find_if(members->rbegin(), members->rend(), [&](const auto& m) { return m.first == name; });
  return found == members->rend() ? nullptr : &found->second;
}

Result<XmlRpcCall> parse_xmlrpc_call(std::string_view body) {
  pugi::xml_document document;
  const pugi::xml_node root = parse_document(body, document, kTagsMax);
  if (!root) return kUnmarshallable;
  XmlRpcCall call;
  for (const pugi::xml_node param : root.child("params").children()) {
    if (param.type() != pugi::node_element) continue;
    const pugi::xml_node value = param.child("value");
    Decoded decoded = value ? read_value(value, 0) : std::nullopt;
    if (!decoded) return kUnmarshallable;
    call.params.push_back(std::move(*decoded));
  }
  auto method = text_of(root.child("methodName"));
  if (!method) return kUnmarshallable;
  if (method->empty()) return Error{"no method name", 0};
  call.method = std::move(*method);
  return call;
}

Result<XmlRpcReply> parse_xmlrpc_reply(std::string_view body) {
  pugi::xml_document document;
  const pugi::xml_node root = parse_document(body, document, kReplyTagsMax);
  const pugi::xml_node fault = root.child("fault");
  const pugi::xml_node value = fault ? fault.child("value") : root.child("params").child("param").child("value");
  Decoded decoded = value ? read_value(value, 0) : std::nullopt;
  if (!decoded) return kUnmarshallable;
  if (!fault) return XmlRpcReply{std::move(*decoded)};
  const XmlRpcValue* code = decoded->member("faultCode");
  const XmlRpcValue* text = decoded->member("faultString");
  const auto* number = code ? std::get_if<std::int64_t>(&code->is) : nullptr;
  const auto* words = text ? std::get_if<std::string>(&text->is) : nullptr;
  if (!number || !words) return kUnmarshallable;
  return XmlRpcReply{XmlRpcFault{static_cast<int>(*number), *words}};
}

XmlRpcWritten write_xmlrpc_value(const XmlRpcValue& value) {
  XmlRpcWritten written;
  ValueWriter{written.xml}.write(value);
  return written;
}

std::string write_xmlrpc_reply(const XmlRpcReply& reply) {
  std::string out{kProlog};
  ValueWriter writer{out};
  out += "<methodResponse>\n";
  if (const auto* fault = std::get_if<XmlRpcFault>(&reply)) {
    out += "<fault>\n";
    writer.write(XmlRpcStruct{{"faultCode", fault->code}, {"faultString", fault->text}});
    out += "</fault>\n";
  } else {
    out += "<params>\n<param>\n";
    writer.write(std::get<XmlRpcValue>(reply));
    out += "</param>\n</params>\n";
  }
  out += "</methodResponse>\n";
  return out;
}

std::string write_xmlrpc_call(const XmlRpcCall& call) {
  std::string out{kProlog};
  ValueWriter writer{out};
  out += "<methodCall>\n<methodName>";
  write_text(out, call.method);
  out += "</methodName>\n<params>\n";
  for (const XmlRpcValue& param : call.params) {
    out += "<param>\n";
    writer.write(param);
    out += "</param>\n";
  }
  out += "</params>\n</methodCall>\n";
  return out;
}

}  // namespace upkeep::wire
