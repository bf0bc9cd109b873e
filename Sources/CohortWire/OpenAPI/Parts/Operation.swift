/// What the description of the interface says of one route.
///
/// Path, method, permission and parameters come from the table of routes; what any request of its
/// kind can be answered comes from ``Failure``.
struct Operation: Sendable {
  let summary: String
  let detail: String
  let body: Body?
  let answers: [Answer]
  /// Fields of the head that mean something here.
  let fields: [HeaderField]
  /// Beside those that every such route has.
  let failures: [Failure]

  /// What is sent.
  struct Body: Sendable {
    let type: String
    let schema: Schema
    let example: JSONText
    /// Whether nothing may be sent instead.
    let isOptional: Bool
  }

  /// What is answered if all goes well.
  struct Answer: Sendable {
    let status: Int
    let detail: String
    let contents: [Content]
    /// Fields of its head, beside `Ledger-Position`.
    var headers: [AnswerField] = []
  }

  struct Content: Sendable {
    let type: String
    let schema: Schema
    var example: JSONText?
  }

  init(
    _ summary: String, _ detail: String = "", body: Body? = nil, fields: [HeaderField] = [],
    answers: [Answer], failures: [Failure] = []
  ) {
    self.summary = summary
    self.detail = detail
    self.body = body
    self.answers = answers
    self.fields = fields
    self.failures = failures
  }
}

extension Operation.Body {
  static func json(
    _ schema: Schema, example: JSONText, isOptional: Bool = false
  ) -> Operation.Body {
    Operation.Body(
      type: "application/json", schema: schema, example: example, isOptional: isOptional)
  }

  /// Where the path says it all: nothing, or an empty object.
  static let none = json(.closed(), example: .object([]), isOptional: true)
}

extension Operation.Answer {
  /// One value of JSON.
  static func json(
    _ status: Int, _ detail: String, _ schema: Schema, example: JSONText? = nil
  ) -> Operation.Answer {
    Operation.Answer(
      status: status, detail: detail,
      contents: [Operation.Content(type: "application/json", schema: schema, example: example)])
  }

  /// What a write answers: `{"message":"success",…,"position":41}`.
  ///
  /// - Parameters:
  ///   - detail: What it means.
  ///   - more: Between the two.
  ///   - optional: What stands there sometimes.
  ///   - example: Of `more`.
  /// - Returns: The answer.
  static func written(
    _ detail: String, _ more: KeyValuePairs<String, Schema> = [:],
    optional: KeyValuePairs<String, Schema> = [:], example: [JSONText.Member] = []
  ) -> Operation.Answer {
    let members = [JSONText.Member("message", "success")] + example
    return json(
      201, detail,
      .allOf([
        .object(["message": .constant("success"), "position": .position]),
        .object(more, optional: optional),
      ]),
      example: .object(members + [JSONText.Member("position", 42)]))
  }

  /// A list, in pages of JSON or, if asked for, whole as one object a line.
  static func list(
    _ detail: String, _ key: String, of item: Schema, _ more: KeyValuePairs<String, Schema> = [:],
    optional: KeyValuePairs<String, Schema> = [:]
  ) -> Operation.Answer {
    let page = Schema.allOf([
      .object(["as_of": .named(.asOf)]), .object(more, optional: optional),
      .object(of: .array(of: item), under: [key]),
      .object(optional: ["next": .string.described("Where the next page begins.")]),
    ])
    return Operation.Answer(
      status: 200, detail: detail,
      contents: [
        Operation.Content(type: "application/json", schema: page),
        Operation.Content(type: "application/x-ndjson", schema: item),
      ], headers: [.ledgerTime])
  }
}

extension Schema {
  static let position = integer(from: 0).described("The number of an event.").example(41)
}
