import CohortModel
import CohortWire
import Testing

@Suite struct `The description of the interface` {
  private let root: JSONValue

  init() throws { root = try JSONDocument(parsing: OpenAPI.document).root }

  @Test func `names each route with its method and permission, and nothing else`() throws {
    var described: Set<String> = []
    for path in try members(root["paths"]) {
      for operation in try members(path.value) {
        let security = list(operation.value["security"])
        let keys = security.flatMap { list($0["restKey"]) }
        // A session of the console has whatever a key has.
        #expect(security.flatMap { list($0["session"]) }.compactMap(\.words) == keys.map(\.words))
        #expect(security.count == 2 * keys.count || path.name == "/session")
        described.insert("\(operation.name) \(path.name) \(keys.compactMap(\.words))")
      }
    }
    let routes = Routes.all.map { route in
      let permissions = [route.permission, route.alternative].compactMap { $0?.name }
      return "\(route.method.rawValue.lowercased()) \(route.pattern) \(permissions)"
    }
    #expect(described == Set(routes))
  }

  @Test func `numbers its operations by the kinds of routes, each once`() throws {
    let ids = try operations().compactMap { $0.value["operationId"]?.words }
    #expect(ids.sorted() == RouteKind.allCases.map { "\($0)" }.sorted())
  }

  @Test func `refers to nothing that is not there, and keeps nothing that nobody refers to`()
    throws
  {
    let references = Set(root.descendants.compactMap { $0["$ref"]?.words })
    var there: Set<String> = []
    for part in ["schemas", "responses", "headers"] {
      for member in try members(root["components"]?[part]) {
        there.insert("#/components/\(part)/\(member.name)")
      }
    }
    #expect(references == there)
    let tags = list(root["tags"]).compactMap { $0["name"]?.words }
    let used = try operations().flatMap { list($0.value["tags"]) }.compactMap(\.words)
    #expect(Set(tags) == Set(used))
  }

  @Test func `asks for every id of a path, and offers every parameter that the route takes`()
    throws
  {
    for route in Routes.all {
      let operation = try operation(of: route)
      let parameters = list(operation["parameters"])
      func names(in place: String) -> [String] {
        parameters.filter { $0["in"]?.words == place }.compactMap { $0["name"]?.words }
      }
      let ids = route.pattern.split(separator: "{").dropFirst().map {
        String($0.prefix { $0 != "}" })
      }
      #expect(names(in: "path") == ids)
      #expect(names(in: "query") == route.kind.parameters.map(\.rawValue))
      for parameter in parameters {
        #expect(parameter["schema"] != nil)
        let isRequired = parameter["required"]?.bool == true
        if parameter["in"]?.words == "path" { #expect(isRequired) }
        if parameter["name"]?.words == "Idempotency-Key" {
          #expect(isRequired == route.kind.needsIdempotencyKey)
        }
      }
      // A stream has no digest that a second one could be compared with.
      #expect(
        names(in: "header").contains("Idempotency-Key")
          == (route.kind.isWrite && route.kind != .importUsers), "\(route.kind)")
    }
  }

  @Test func `tells of a body wherever something is posted, and of one success`() throws {
    for route in Routes.all {
      let operation = try operation(of: route)
      let body = operation["requestBody"]
      #expect((body != nil) == (route.method == .post), "\(route.kind)")
      if let body {
        #expect(body["required"]?.bool == !(route.kind.mayLackBody || route.kind == .importUsers))
      }
      let statuses = try members(operation["responses"]).map(\.name)
      #expect(Set(statuses).count == statuses.count, "\(route.kind) \(statuses)")
      let successes = statuses.filter { $0.hasPrefix("2") }
      if route.kind == .log {
        #expect(successes == ["200", "206"])
      } else if route.kind.isWrite {
        #expect(successes == [route.kind == .merge ? "202" : "201"], "\(route.kind)")
      } else {
        #expect(successes == ["200"], "\(route.kind)")
      }
      let failures: Set = ["400", "401", "408", "413", "414", "431", "500", "503"]
      #expect(failures.isSubset(of: statuses))
      #expect(
        statuses.contains("403") == (route.permission != nil || route.pattern == "/session"))
      #expect(statuses.contains("415") == (route.method == .post))
      if route.kind.isWrite { #expect(Set(["409", "507"]).isSubset(of: statuses)) }
    }
  }

  @Test func `shows for each write a body that is one`() throws {
    for route in Routes.all where route.kind.isWrite && route.kind != .importUsers {
      let content = try operation(of: route)["requestBody"]?["content"]?["application/json"]
      let example = try #require(content?["example"], "\(route.kind)")
      let path = route.pattern.replacing("{id}", with: "key:3").replacing("{", with: "")
        .replacing("}", with: "")
      let match = try Routes.find(.post, path).get()
      #expect(throws: Never.self, "\(route.kind)") {
        _ = try WriteRequest(match, body: try JSONValue(body: example.serialized))
      }
    }
    let line = try operation(.importUsers)["requestBody"]?["content"]?["application/x-ndjson"]
    let example = try #require(line?["example"])
    _ = try ImportLine(json: example, line: 1)
  }

  @Test func `shows bodies of the reads that are posted`() throws {
    func example(_ kind: RouteKind) throws -> JSONValue {
      let content = try operation(kind)["requestBody"]?["content"]?["application/json"]
      return try JSONValue(body: #require(content?["example"]).serialized)
    }
    _ = try ExportUsers(body: example(.exportUsers))
    _ = try PreviewSegment(body: example(.previewSegment))
    let preview = try example(.preview)
    let path = try #require(preview["path"]?.words)
    _ = try WriteRequest(
      Routes.find(.post, path).get(),
      body: JSONValue(body: #require(preview["body"]).serialized))
  }

  @Test func `has a schema for each type of event`() throws {
    let schemas = list(root["components"]?["schemas"]?["Event"]?["oneOf"])
    let types = schemas.compactMap {
      list($0["allOf"]).first?["properties"]?["type"]?["const"]?.words
    }
    #expect(types == Event.typeNames)
    for schema in schemas {
      let payload = try #require(list(schema["allOf"]).last)
      #expect(payload["properties"]?.count ?? 1 > 0)
    }
  }

  // MARK: Finding one's way

  private func operations() throws -> [(name: String, value: JSONValue)] {
    try members(root["paths"]).flatMap { try members($0.value) }
  }

  private func operation(of route: Route) throws -> JSONValue {
    try #require(root["paths"]?[route.pattern]?[route.method.rawValue.lowercased()])
  }

  private func operation(_ kind: RouteKind) throws -> JSONValue {
    try operation(of: #require(Routes.all.first { $0.kind == kind }))
  }

  private func list(_ value: JSONValue?) -> [JSONValue] { value.map { Array($0.elements) } ?? [] }

  private func members(_ value: JSONValue?) throws -> [(name: String, value: JSONValue)] {
    let value = try #require(value)
    return value.members.map { key, member in
      (String(decoding: value.bytes[key], as: UTF8.self), member)
    }
  }
}

extension JSONValue {
  fileprivate var words: String? { string.map { String(decoding: $0, as: UTF8.self) } }

  /// Itself and everything in it.
  fileprivate var descendants: [JSONValue] {
    [self] + (kind == .array ? Array(elements) : members.map { $1 }).flatMap(\.descendants)
  }

  /// The value as JSON again.
  fileprivate var serialized: [UInt8] { rewritten.bytes }

  private var rewritten: JSONText {
    switch kind {
    case .object:
      .object(
        members.map {
          JSONText.Member(String(decoding: bytes[$0], as: UTF8.self), $1.rewritten)
        })
    case .array: .array(elements.map(\.rewritten))
    case .string: .utf8(Array(string ?? []))
    case .number: .integer(Int64(unsignedInteger ?? 0))
    case .true, .false: .bool(kind == .true)
    case .null: .null
    }
  }
}
