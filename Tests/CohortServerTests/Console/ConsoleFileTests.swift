import CohortHTTP
import CohortServer
import TestSupport
import Testing

@Suite struct `The files of the console` {
  private static let policy = [
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'",
    "img-src 'self' data:", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ]

  @Test func `are sent to anybody, each with its type and under a strict policy`() throws {
    let house = try TestHouse()
    let targets = [("/", "index.html")] + ConsoleFiles.all.map { ("/console/\($0.name)", $0.name) }
    for (target, name) in targets {
      let file = try #require(ConsoleFiles.named(name))
      for method in [RequestMethod.get, .head] {
        let answer = house.send(method, target)
        #expect(answer.status == 200, "\(target)")
        #expect(answer.body == file.bytes, "\(target)")
        #expect(answer["Content-Type"] == file.type, "\(target)")
        #expect(answer["Content-Type"]?.hasSuffix("; charset=utf-8") == true, "\(target)")
        #expect(answer["ETag"] == file.entityTag)
        #expect(answer["Cache-Control"] == "no-cache")
        #expect(answer["X-Content-Type-Options"] == "nosniff")
        #expect(answer["Referrer-Policy"] == "no-referrer")
        let rules = answer["Content-Security-Policy"]?.split(separator: "; ").map(String.init)
        #expect(rules == Self.policy)
      }
    }
    #expect(house.get("/")["Content-Type"] == "text/html; charset=utf-8")
  }

  @Test func `are not sent to who has them already`() throws {
    let house = try TestHouse()
    let tag = try #require(house.get("/")["ETag"])
    for (field, status) in [
      (tag, 304), ("W/\(tag)", 304), ("\"other\", \(tag)", 304), ("*", 304), (" \(tag) ,", 304),
      ("\"other\"", 200), ("", 200), (String(tag.dropLast()), 200), ("\"\(tag)\"", 200),
    ] {
      let answer = house.get("/", headers: [("if-none-match", field)])
      #expect(answer.status == status, "\(field)")
      #expect(answer["ETag"] == tag)
      #expect(answer.body.isEmpty == (status == 304))
      #expect(answer["Content-Security-Policy"] != nil)
    }
  }

  @Test func `have names of their own, digests that differ, and no others`() throws {
    let names = ConsoleFiles.all.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(
      Set(ConsoleFiles.all.map(\.entityTag)).count == Set(ConsoleFiles.all.map(\.bytes)).count)
    let house = try TestHouse()
    for path in [
      "/console/", "/console/none.js", "/console/INDEX.HTML", "/console/../index.html",
      "/console/./index.html", "/console//index.html", "/console/index.html/", "/index.html",
      "/favicon.ico", "/console/lang/", "/console/index.html%00",
    ] {
      let answer = house.get(path)
      #expect(answer.status == 404, "\(path)")
      #expect(answer["Content-Type"] == "application/json", "\(path)")
    }
    for path in ["/console/lang%2Fen.js", "/console%2Findex.html", "/console/%", "/console/%FF"] {
      #expect(house.get(path).status == 400, "\(path)")
    }
    for method in RequestMethod.allCases where method != .get && method != .head {
      let answer = house.send(method, "/console/index.html")
      #expect(answer.status == 405 && answer["Allow"] == "GET, HEAD")
    }
  }
}
