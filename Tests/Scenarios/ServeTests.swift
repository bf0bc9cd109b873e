import Testing

/// The server as a process: its first line, its signals, its exit codes.
@Suite struct `A server process` {
  /// What every script begins with.
  private static let begin = """
    import http.client, json, os, signal, socket, subprocess, threading

    def serve(*more):
        server = subprocess.Popen(
            ["cohort", "serve", "--storage", "ledger", "--listen", "127.0.0.1:0", *more],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        words = server.stdout.readline().decode().split()
        assert words[:2] == ["listening", "on"] and words[2].startswith("http://"), words
        host, port = words[2][7:].rsplit(":", 1)
        return server, host, int(port)

    def ask(host, port, method, path, body=None, key=None):
        connection = http.client.HTTPConnection(host, port, timeout=30)
        headers = {"Authorization": "Bearer " + key} if key else {}
        connection.request(method, path, body and json.dumps(body), headers)
        answer = connection.getresponse()
        return answer.status, answer.read()

    def issue():
        words = ["cohort", "keys", "issue", "rest", "--all-permissions", "--json",
                 "--storage", "ledger"]
        return json.loads(subprocess.check_output(words))["secret"]

    """

  private func run(_ script: String) throws -> Session.Run {
    let session = try Session()
    try session.write("script.py", Self.begin + script)
    return try session.run("python3 script.py")
  }

  @Test func `has on its disk what it has acknowledged, and ends when it is told to`() throws {
    let run = try run(
      """
      server, host, port = serve()
      key = issue()
      acknowledged, enough = [], threading.Event()

      def push(number):
          connection = http.client.HTTPConnection(host, port, timeout=30)
          for turn in range(100000):
              name = "%d-%d" % (number, turn)
              body = json.dumps({"attributes": [{"external_id": name}]})
              try:
                  connection.request("POST", "/users/track", body,
                                     {"Authorization": "Bearer " + key})
                  answer = connection.getresponse()
                  answer.read()
              except OSError:
                  return
              except http.client.HTTPException:
                  return
              if answer.status == 503:
                  return
              assert answer.status == 201, answer.status
              acknowledged.append(name)
              if len(acknowledged) > 300:
                  enough.set()

      threads = [threading.Thread(target=push, args=(number,)) for number in range(16)]
      for thread in threads: thread.start()
      enough.wait()
      server.send_signal(signal.SIGTERM)
      print("exit", server.wait(timeout=30))
      for thread in threads: thread.join()

      server, host, port = serve()
      missing = 0
      for start in range(0, len(acknowledged), 50):
          status, body = ask(host, port, "POST", "/users/export/ids",
                             {"external_ids": acknowledged[start:start + 50]}, key)
          assert status in (200, 201), body
          missing += len(json.loads(body).get("invalid_user_ids", []))
      print("missing", missing)
      server.send_signal(signal.SIGINT)
      print("exit", server.wait(timeout=30))
      """)
    #expect(run.output == ["exit 0", "missing 0", "exit 0"], "\(run.words)")
  }

  @Test func `ends at once when it is told a second time`() throws {
    let run = try run(
      """
      server, host, port = serve()
      key = issue()
      slow = socket.create_connection((host, port))
      slow.sendall(("POST /users/track HTTP/1.1\\r\\nHost: x\\r\\nAuthorization: Bearer "
                    + key + "\\r\\nExpect: 100-continue\\r\\nContent-Length: 100\\r\\n\\r\\n"
                    ).encode())
      # From here on a request is under way, for whose body the server waits.
      assert slow.recv(1000).startswith(b"HTTP/1.1 100 ")
      server.send_signal(signal.SIGTERM)
      while True:
          try: socket.create_connection((host, port)).close()
          # Reset: the listening socket was closed while this one waited to be taken.
          except (ConnectionRefusedError, ConnectionResetError): break
      server.send_signal(signal.SIGTERM)
      print("exit", server.wait(timeout=30))
      """)
    #expect(run.output == ["exit -15"] || run.output == ["exit 143"], "\(run.words)")
  }

  @Test func `goes on with its access log in a new file`() throws {
    let run = try run(
      """
      server, host, port = serve("--access-log", "access.log")
      while os.path.getsize("access.log") == 0: ask(host, port, "GET", "/health")
      os.rename("access.log", "access.old")
      server.send_signal(signal.SIGHUP)
      while not os.path.exists("access.log"): ask(host, port, "GET", "/health")
      ask(host, port, "GET", "/nothing")
      server.send_signal(signal.SIGTERM)
      print("exit", server.wait(timeout=30))
      old = [json.loads(line) for line in open("access.old")]
      new = [json.loads(line) for line in open("access.log")]
      print(old[0]["route"], new[-1]["status"])
      numbers = sorted(line["request"] for line in old + new)
      print("whole", numbers == list(range(1, len(numbers) + 1)))
      """)
    #expect(run.output == ["exit 0", "/health 404", "whole True"], "\(run.words)")
  }

  @Test func `answers questions beside one that writes`() throws {
    let run = try run(
      """
      writer, host, port = serve()
      key = issue()
      print(ask(host, port, "POST", "/users/track", {"attributes": [{"external_id": "a"}]}, key)[0])
      reader, host, port = serve("--read-only")
      print(ask(host, port, "GET", "/health")[0])
      print(ask(host, port, "POST", "/users/track", {"attributes": [{"external_id": "b"}]}, key)[0])
      for server in reader, writer:
          server.send_signal(signal.SIGTERM)
          print("exit", server.wait(timeout=30))
      """)
    #expect(run.output == ["201", "200", "503", "exit 0", "exit 0"], "\(run.words)")
  }

  @Test(arguments: [
    ("--listen nonsense", 2), ("--listen 127.0.0.1", 2), ("--listen localhost:80", 2),
    ("--rate-limit 0", 2), ("--rate-limit many", 2), ("--trusted-proxy 10.0.0.1/8", 2),
    ("--listen 198.51.100.1:0", 1), ("--listen 127.0.0.1:0 --access-log /nowhere/log", 1),
  ])
  func `does not begin with`(_ options: String, _ code: Int32) throws {
    let session = try Session()
    let run = try session.run("cohort serve --storage ledger \(options)")
    #expect(run.code == code, "\(run.words)")
    #expect(run.output.isEmpty)
    #expect(run.words.last?.contains(". ") == true, "\(run.words)")
  }
}
