// The objects of OpenAPI that bodies, answers and fields become.

extension QueryParameter {
  /// What its value is, as a sentence.
  var sentence: String { meaning.prefix(1).uppercased() + meaning.dropFirst() + "." }
}

extension Operation.Body {
  /// A Request Body Object.
  var json: JSONText {
    let content = Operation.Content(type: type, schema: schema, example: example)
    return [
      "required": .bool(!isOptional), "content": .object([content.member]),
    ]
  }
}

extension Operation.Content {
  /// A Media Type Object, under its media type.
  var member: JSONText.Member {
    var members = [JSONText.Member("schema", schema.json)]
    if let example { members.append(JSONText.Member("example", example)) }
    return JSONText.Member(type, .object(members))
  }
}

extension Operation.Answer {
  /// A Response Object.
  var json: JSONText {
    var fields = [AnswerField.ledgerPosition] + headers
    if status == 201 || status == 202 { fields.append(.replayed) }
    return [
      "description": .string(detail), "headers": AnswerField.references(to: fields),
      "content": .object(contents.map(\.member)),
    ]
  }
}

extension Failure {
  /// A Response Object.
  var response: JSONText {
    let content = Operation.Content(type: "application/json", schema: .named(.message))
    return [
      "description": .string(detail),
      "headers": AnswerField.references(to: headers),
      "content": .object([content.member]),
    ]
  }
}

extension AnswerField {
  /// A Header Object.
  var described: JSONText { ["description": .string(detail), "schema": schema.json] }

  static func references(to fields: [AnswerField]) -> JSONText {
    .object(
      fields.map {
        JSONText.Member($0.rawValue, ["$ref": .string("#/components/headers/\($0.rawValue)")])
      })
  }
}
