"""A PostgreSQL server of its own in a temporary folder, for the checks of this folder.

    with Postgres() as postgres:
        psycopg.connect(postgres.address)       psql(…), createdb(…)

It listens on a Unix socket in that folder only, and ends by its process id. PostgreSQL refuses to
run as root: then it runs as the user `postgres` that Debian's package makes.
"""

import glob
import os
import pwd
import shutil
import subprocess
import tempfile


class Postgres:
    def __init__(self):
        programs = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
        found = shutil.which("initdb") or (programs and programs[-1])
        if not found:
            raise SystemExit("There is no PostgreSQL. Run: apt-get install postgresql")
        self.programs = os.path.dirname(found)
        self.folder = tempfile.mkdtemp(prefix="cohort-pg-")
        self.data = os.path.join(self.folder, "data")
        self.address = f"host={self.folder} dbname=postgres user=check"
        self.user = None
        if os.geteuid() == 0:
            self.user = pwd.getpwnam("postgres")
            os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)

    def __enter__(self):
        self.run("initdb", "-D", self.data, "-U", "check", "-A", "trust", "-E", "UTF8",
                 "--no-locale", "--no-sync")
        # A crash of the machine is not tried here, one of the projection is.
        self.run("pg_ctl", "-D", self.data, "-w", "-l", os.path.join(self.folder, "log"),
                 "-o", f"-c listen_addresses='' -k {self.folder} -c fsync=off", "start")
        return self

    def __exit__(self, *_):
        try:
            self.run("pg_ctl", "-D", self.data, "-m", "immediate", "-w", "stop")
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, program, *words):
        done = subprocess.run(
            [os.path.join(self.programs, program), *words], capture_output=True, text=True,
            cwd=self.folder, timeout=120, user=self.user and self.user.pw_uid,
            group=self.user and self.user.pw_gid,
            # What `pg_ctl` starts would keep a pipe open.
            **({} if program != "pg_ctl" else {"stdin": subprocess.DEVNULL}))
        if done.returncode:
            raise SystemExit(f"{program}: {done.stdout}{done.stderr}")
