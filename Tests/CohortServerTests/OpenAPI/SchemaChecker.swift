import CohortWire

/// Checks values against schemas, as far as the description of the interface uses them.
///
/// Knows nothing of how the description is made. A keyword that it does not know is a fault, so
/// nothing is passed over in silence.
struct SchemaChecker {
  let document: JSONValue

  /// Words that say nothing about which values fit.
  private static let remarks: Set = [
    "description", "examples", "default", "format", "contentMediaType", "minLength", "maxLength",
    "pattern",
  ]

  /// What does not fit, by its place; empty if all does.
  func faults(_ value: JSONValue, _ schema: JSONValue, at place: String = "$") -> [String] {
    var faults: [String] = []
    for (key, rule) in schema.members {
      let keyword = String(decoding: schema.bytes[key], as: UTF8.self)
      faults += check(keyword, rule, value, schema, place)
    }
    return faults
  }

  /// What stands in a value and is named by no schema, by its place.
  ///
  /// Objects of answers may grow, so ``faults(_:_:at:)`` lets such members pass; whoever makes the
  /// answers has to describe them all.
  func unnamed(_ value: JSONValue, _ schemas: [JSONValue], at place: String = "$") -> [String] {
    let all = schemas.flatMap { parts(of: $0, fitting: value) }
    switch value.kind {
    case .array:
      let items = all.compactMap { $0["items"] }
      return value.elements.enumerated().flatMap { unnamed($1, items, at: "\(place)[\($0)]") }
    case .object:
      // What is nowhere said to have members may have any.
      let properties = all.compactMap { $0["properties"] }
      guard properties.contains(where: { $0.count > 0 }) else { return [] }
      return zip(value.names, value.members).flatMap { name, member -> [String] in
        let inner = properties.compactMap { $0[name] }
        return inner.isEmpty
          ? ["\(place).\(name) is not named"]
          : unnamed(member.value, inner, at: "\(place).\(name)")
      }
    default: return []
    }
  }

  /// The schemas that a schema is made of, of alternatives those that the value fits.
  private func parts(of schema: JSONValue, fitting value: JSONValue) -> [JSONValue] {
    let schema = resolved(schema)
    let all = schema["allOf"].map { Array($0.elements) } ?? []
    let any = ["anyOf", "oneOf"].compactMap { schema[$0] }.flatMap { Array($0.elements) }
      .filter { faults(value, $0).isEmpty }
    return [schema] + (all + any).flatMap { parts(of: $0, fitting: value) }
  }

  private func check(
    _ keyword: String, _ rule: JSONValue, _ value: JSONValue, _ schema: JSONValue, _ place: String
  ) -> [String] {
    func fault(_ text: String) -> [String] { ["\(place): \(text)"] }
    switch keyword {
    case "$ref":
      guard let target = target(of: rule) else { return fault("a reference to nothing") }
      return faults(value, target, at: place)
    case "type": return isOf(rule, value) ? [] : fault("is no \(rule.words ?? "?")")
    case "const": return rule.same(as: value) ? [] : fault("is not what it must be")
    case "enum":
      return rule.elements.contains { $0.same(as: value) } ? [] : fault("is none of the words")
    case "minimum":
      guard let least = rule.unsignedInteger, let number = value.unsignedInteger else { return [] }
      return number >= least ? [] : fault("is too small")
    case "maximum":
      guard let most = rule.unsignedInteger, let number = value.unsignedInteger else { return [] }
      return number <= most ? [] : fault("is too large")
    case "minItems":
      return value.kind != .array || value.count >= Int(rule.unsignedInteger ?? 0)
        ? [] : fault("has too few elements")
    case "maxItems":
      return value.kind != .array || value.count <= Int(rule.unsignedInteger ?? 0)
        ? [] : fault("has too many elements")
    case "items":
      return value.elements.enumerated().flatMap { faults($1, rule, at: "\(place)[\($0)]") }
    case "required":
      guard value.kind == .object else { return [] }
      return rule.elements.compactMap(\.words).filter { value[$0] == nil }
        .flatMap { fault("lacks \($0)") }
    case "properties":
      return rule.members.flatMap { key, inner -> [String] in
        let name = String(decoding: rule.bytes[key], as: UTF8.self)
        return value[name].map { faults($0, inner, at: "\(place).\(name)") } ?? []
      }
    case "additionalProperties":
      guard rule.bool == false, value.kind == .object else { return [] }
      let known = schema["properties"]
      return value.names.filter { known?[$0] == nil }.flatMap { fault("has an unknown \($0)") }
    case "unevaluatedProperties":
      guard rule.bool == false else { return fault("a rule that is not known") }
      let known = (schema["allOf"].map { Array($0.elements) } ?? []).compactMap { $0["properties"] }
      return value.names.filter { name in !known.contains { $0[name] != nil } }
        .flatMap { fault("has an unknown \($0)") }
    case "allOf": return rule.elements.flatMap { faults(value, $0, at: place) }
    case "anyOf", "oneOf":
      let all = rule.elements.map { faults(value, $0, at: place) }
      let fitting = all.count(where: \.isEmpty)
      if fitting == 1 || fitting > 1 && keyword == "anyOf" { return [] }
      if fitting > 1 { return fault("fits \(fitting) of which it may fit one") }
      return all.min { $0.count < $1.count } ?? fault("fits nothing")
    default: return Self.remarks.contains(keyword) ? [] : fault("'\(keyword)' is not known")
    }
  }

  private func target(of reference: JSONValue) -> JSONValue? {
    guard let path = reference.words, path.hasPrefix("#/") else { return nil }
    var target: JSONValue? = document
    for part in path.dropFirst(2).split(separator: "/") { target = target?[String(part)] }
    return target
  }

  /// The schema, or what a reference of any kind leads to.
  func resolved(_ value: JSONValue) -> JSONValue {
    value["$ref"].flatMap { target(of: $0) } ?? value
  }

  private func isOf(_ type: JSONValue, _ value: JSONValue) -> Bool {
    switch (type.words, value.kind) {
    case ("object", .object), ("array", .array), ("string", .string), ("null", .null),
      ("boolean", .true), ("boolean", .false), ("number", .number), ("integer", .number):
      true
    default: false
    }
  }
}

extension JSONValue {
  var words: String? { string.map { String(decoding: $0, as: UTF8.self) } }

  var names: [String] { members.map { String(decoding: bytes[$0.key], as: UTF8.self) } }

  /// Whether two plain values are the same.
  fileprivate func same(as other: JSONValue) -> Bool {
    guard kind == other.kind else { return false }
    switch kind {
    case .string: return string == other.string
    case .number: return unsignedInteger == other.unsignedInteger
    default: return kind != .object && kind != .array
    }
  }

  /// The value on its own.
  var plain: JSONText {
    switch kind {
    case .object: .object(zip(names, members).map { JSONText.Member($0, $1.value.plain) })
    case .array: .array(elements.map(\.plain))
    case .string: .utf8(Array(string ?? []))
    case .number: .integer(Int64(unsignedInteger ?? 0))
    case .true, .false: .bool(kind == .true)
    case .null: .null
    }
  }
}
