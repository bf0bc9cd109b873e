/// What a value of JSON looks like: JSON Schema 2020-12, as OpenAPI 3.1 has it.
struct Schema: Hashable, Sendable {
  private(set) var members: [JSONText.Member]

  var json: JSONText { .object(members) }

  init(_ members: [JSONText.Member]) { self.members = members }

  private init(type: JSONText, _ more: [JSONText.Member] = []) {
    members = [JSONText.Member("type", type)] + more
  }

  /// With a further keyword, or another value of one.
  func with(_ keyword: String, _ value: JSONText) -> Schema {
    Schema(members.filter { $0.key != keyword } + [JSONText.Member(keyword, value)])
  }

  func described(_ text: String) -> Schema { with("description", .string(text)) }

  func example(_ value: JSONText) -> Schema { with("examples", .array([value])) }
}

// MARK: - Single values

extension Schema {
  static let string = Schema(type: "string")
  static let boolean = Schema(type: "boolean")
  static let null = Schema(type: "null")
  /// Anything at all.
  static let any = Schema([])
  /// A whole number from 0.
  static let count = integer(from: 0)
  static let time = string.with("format", "date-time")

  static func integer(from lower: Int64, to upper: Int64? = nil) -> Schema {
    let schema = Schema(type: "integer").with("minimum", .integer(lower))
    return upper.map { schema.with("maximum", .integer($0)) } ?? schema
  }

  static func pattern(_ pattern: String) -> Schema { string.with("pattern", .string(pattern)) }

  static func text(_ lengths: ClosedRange<Int64>) -> Schema {
    string.with("minLength", .integer(lengths.lowerBound))
      .with("maxLength", .integer(lengths.upperBound))
  }

  /// Exactly this.
  static func constant(_ value: JSONText) -> Schema { Schema([JSONText.Member("const", value)]) }

  static func choice(_ words: [String]) -> Schema {
    string.with("enum", .array(words.map(JSONText.string)))
  }
}

// MARK: - Values made of others

extension Schema {
  /// What ``SchemaName/schema`` says, by reference.
  static func named(_ name: SchemaName) -> Schema {
    Schema([JSONText.Member("$ref", .string("#/components/schemas/\(name.rawValue)"))])
  }

  static func array(
    of element: Schema, atLeast: Int64? = nil, atMost: Int64? = nil
  ) -> Schema {
    var schema = Schema(type: "array", [JSONText.Member("items", element.json)])
    if let atLeast { schema = schema.with("minItems", .integer(atLeast)) }
    if let atMost { schema = schema.with("maxItems", .integer(atMost)) }
    return schema
  }

  static func oneOf(_ schemas: [Schema]) -> Schema { group("oneOf", schemas) }
  static func anyOf(_ schemas: [Schema]) -> Schema { group("anyOf", schemas) }
  static func allOf(_ schemas: [Schema]) -> Schema { group("allOf", schemas) }

  private static func group(_ keyword: String, _ schemas: [Schema]) -> Schema {
    Schema([JSONText.Member(keyword, .array(schemas.map(\.json)))])
  }

  var orNull: Schema { .anyOf([self, .null]) }

  /// An object of an answer.
  ///
  /// What is not named may stand in it too: answers grow.
  static func object(
    _ required: KeyValuePairs<String, Schema> = [:],
    optional: KeyValuePairs<String, Schema> = [:]
  ) -> Schema {
    object(Array(required), Array(optional))
  }

  /// An object of a request, of which nothing but what is named is taken.
  ///
  /// A null is as good as absent.
  static func closed(
    _ required: KeyValuePairs<String, Schema> = [:],
    optional: KeyValuePairs<String, Schema> = [:]
  ) -> Schema {
    object(Array(required), optional.map { ($0.key, $0.value.orNull) })
      .with("additionalProperties", false)
  }

  /// An object of a request in which what is not named is ignored.
  static func open(
    _ required: KeyValuePairs<String, Schema> = [:],
    optional: KeyValuePairs<String, Schema> = [:]
  ) -> Schema {
    object(Array(required), optional.map { ($0.key, $0.value.orNull) })
  }

  private static func object(
    _ required: [(key: String, value: Schema)], _ optional: [(key: String, value: Schema)]
  ) -> Schema {
    let properties = (required + optional).map { JSONText.Member($0.key, $0.value.json) }
    var schema = Schema(type: "object", [JSONText.Member("properties", .object(properties))])
    if !required.isEmpty {
      schema = schema.with("required", .array(required.map { .string($0.key) }))
    }
    return schema
  }

  /// An object that has a value of the same kind under each of `keys`.
  static func object(of value: Schema, under keys: [String]) -> Schema {
    object(keys.map { ($0, value) }, [])
  }
}
