import CohortModel
import CohortWire
import Testing

@Suite struct `The table of routes` {
  @Test func `names every kind exactly once`() {
    for kind in RouteKind.allCases {
      #expect(Routes.all.filter { $0.kind == kind }.count == 1, "\(kind)")
    }
    #expect(Set(Routes.all.map { "\($0.method) \($0.pattern)" }).count == Routes.all.count)
  }

  @Test func `asks in part 2 for the permission that is the path with dots`() {
    for route in Routes.all {
      let path = route.pattern.dropFirst().split(separator: "/")
      guard let first = path.first, let permission = route.permission,
        ["users", "segments", "campaigns", "canvas"].contains(first)
      else { continue }
      #expect(permission.name == path.joined(separator: "."))
    }
  }

  @Test func `asks for a permission everywhere but where keys come otherwise`() {
    let open = Routes.all.filter { $0.permission == nil }.map(\.pattern)
    #expect(
      open == [
        "/partners/{partner}/cohorts", "/partners/{partner}/cohorts/users", "/", "/console/{path}",
        "/session", "/session", "/session", "/health",
      ])
    let writes = Routes.all.filter { $0.permission == nil && $0.kind.isWrite }
    #expect(writes.count { $0.kind.hasKeysInBody } == writes.count)
  }

  @Test func `finds every route by its pattern, and only by its method`() {
    for route in Routes.all {
      let path = route.pattern.replacing("{", with: "").replacing("}", with: "")
      guard case .found(let match) = Routes.find(route.method, path) else {
        Issue.record("\(path)")
        continue
      }
      #expect(match.route == route)
      let names = route.pattern.split(separator: "{").dropFirst().map { $0.prefix { $0 != "}" } }
      #expect(match.ids.map(\.description) == names.map(String.init))
      let others = Routes.all.filter { $0.pattern == route.pattern }.map(\.method)
      for method in Method.allCases where !others.contains(method) {
        #expect(Routes.find(method, path) == .wrongMethod(allowed: others))
      }
    }
  }

  @Test func `decodes an id once, and takes %2F in it for a slash`() {
    for (raw, id) in [
      ("vip", "vip"), ("a%2Fb", "a/b"), ("a%2fb%2F", "a/b/"), ("%252F", "%2F"),
      ("%C3%A9", "\u{E9}"),
      ("a%20b", "a b"), ("a+b", "a+b"), ("%00", "\0"), ("..", ".."), ("a?b", "a?b"),
    ] {
      guard case .found(let match) = Routes.find(.get, "/ledger/cohorts/hightouch/\(raw)/members")
      else {
        Issue.record("\(raw)")
        continue
      }
      #expect(match.ids == ["hightouch", Text(id)])
    }
  }

  @Test func `takes the rest of a path for one id where it says so`() {
    for (path, id) in [
      ("/console/main.js", "main.js"), ("/console/lang/en.js", "lang/en.js"),
      ("/console/a/b/c/d", "a/b/c/d"), ("/console/a%20b", "a b"), ("/console/..", ".."),
    ] {
      guard case .found(let match) = Routes.find(.get, path) else {
        Issue.record("\(path)")
        continue
      }
      #expect(match.kind == .consoleFile && match.ids == [Text(id)])
      #expect(Routes.find(.post, path) == .wrongMethod(allowed: [.get]))
    }
    for path in ["/console", "/console/", "/console/a/", "/console//a", "/console/a//b"] {
      #expect(Routes.find(.get, path) == .refused(.notFound), "\(path)")
    }
    for path in ["/console/a%2Fb", "/console/a/b%2f", "/console/%2F"] {
      guard case .refused(let error) = Routes.find(.get, path) else {
        Issue.record("\(path)")
        continue
      }
      #expect(error.status == 400, "\(path)")
    }
  }

  @Test func `refuses paths that two readers could read in two ways`() {
    for path in [
      "/users%2Ftrack", "/users/track%2F", "/ledger%2fkeys", "/%2F", "/users/%", "/users/%2",
      "/users/%GG", "/users/tr%61ck/%zz", "/partners/%FF/cohorts", "/partners/%C3/cohorts",
      "/partners/%ED%A0%80/cohorts",
    ] {
      guard case .refused(let error) = Routes.find(.post, path) else {
        Issue.record("\(path)")
        continue
      }
      #expect(error.status == 400 && error.hasTwoSentences, "\(path)")
    }
  }

  @Test func `does not find what is nearly a route`() {
    for path in [
      "", "users/track", "//users/track", "/users//track", "/users/track/", "/Users/track",
      "/users", "/partners//cohorts", "/partners/hightouch/cohorts/", "/ledger/keys//invalidate",
      "/ledger/cohorts/a/b/c/members", "/nothing", "/users/track?x=1",
    ] {
      #expect(Routes.find(.post, path) == .refused(.notFound), "\(path)")
    }
    #expect(WireError.notFound.reply.text == "{\"message\":\"Not Found\"}")
  }

  @Test func `reads a plain letter that is escaped as that letter`() {
    guard case .found(let match) = Routes.find(.post, "/%75sers/%74rack") else {
      Issue.record("not found")
      return
    }
    #expect(match.kind == .track)
  }

  @Test func `survives every byte anywhere in a path`() {
    let path = Array("/ledger/cohorts/p/a%2Fb/archive".utf8)
    for at in path.indices {
      for byte in UInt8.min...UInt8.max {
        var changed = path
        changed[at] = byte
        _ = Routes.find(.post, changed.span)
        changed.remove(at: at)
        _ = Routes.find(.post, changed.span)
      }
      _ = Routes.find(.post, Array(path[..<at]).span)
    }
  }
}

@Suite struct `A line with a request` {
  @Test func `is a path and a body`() throws {
    let line = "{\"path\":\"/users/external_ids/remove\",\"body\":{\"external_ids\":[\"a\"]}}"
    let request = try RequestLine(parsing: Array(line.utf8))
    #expect(request.match.kind == .removeExternalIDs)
    guard
      case .wish(.removeExternalIDs(let ids)) = try WriteRequest(request.match, body: request.body)
        .action
    else {
      Issue.record("another wish")
      return
    }
    #expect(ids == ["a"])
  }

  @Test func `can do without a body where the path says it all`() throws {
    let path = "/ledger/cohorts/p/a%2Fb/archive"
    for line in [
      "{\"path\":\"\(path)\"}", "{\"path\":\"\(path)\",\"body\":{}}",
      "{\"path\":\"\(path)\",\"body\":null}",
    ] {
      let request = try RequestLine(parsing: Array(line.utf8))
      let write = try WriteRequest(request.match, body: request.body)
      guard case .wish(.archiveCohort(let name)) = write.action else {
        Issue.record("another wish")
        continue
      }
      #expect(name == CohortName(partner: "p", cohortID: "a/b"))
      #expect(write.subject == .cohort(name))
    }
  }

  @Test func `is refused with the status that the request would have`() {
    for (line, status) in [
      ("", 400), ("[]", 400), ("{}", 400), ("{\"path\":7,\"body\":{}}", 400),
      ("{\"path\":\"/users/track\"}", 400), ("{\"path\":\"/users/tracks\",\"body\":{}}", 404),
      ("{\"path\":\"/users/track\",\"boby\":{}}", 400),
      ("{\"path\":\"/segments/list\",\"body\":{}}", 405),
      ("{\"path\":\"/users/export/ids\",\"body\":{}}", 404),
      ("{\"path\":\"/users/%2F\",\"body\":{}}", 400),
    ] {
      let error = #expect(throws: WireError.self) { try RequestLine(parsing: Array(line.utf8)) }
      #expect(error?.status == status, "\(line)")
    }
  }

  @Test func `is answered as a status and a body`() {
    #expect(
      String(decoding: WireError.notFound.reply.line, as: UTF8.self)
        == "{\"status\":404,\"body\":{\"message\":\"Not Found\"}}")
  }
}
