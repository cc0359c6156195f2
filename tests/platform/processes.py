"""Work that several real processes do at once on the test site."""

import multiprocessing
import os
import pkgutil
import traceback
from collections.abc import Callable

from ouderavond import evening


def at_once(bench_site, work: Callable, arguments: list[tuple]) -> list:
    """Run `work(*arguments[n])` in a process each, all starting together; their results, in order.

    `work` is a function at the top of a module; in its process frappe is connected as Administrator. An
    exception comes back as its text with its type before it.
    """
    context = forking()
    with context.Manager() as manager:
        barrier = manager.Barrier(len(arguments))
        place = (bench_site.name, str(bench_site.bench.sites))
        with context.Pool(len(arguments)) as pool:
            jobs = [pool.apply_async(_in_process, (place, barrier, work, args)) for args in arguments]
            return [job.get(timeout=120) for job in jobs]


def forking():
    """Processes that start as copies of one that has loaded the platform, without the test's own state."""
    context = multiprocessing.get_context("forkserver")
    ours = [module.name for module in pkgutil.walk_packages(evening.__path__, f"{evening.__name__}.")]
    context.set_forkserver_preload(["frappe", "frappe.model.document", "ouderavond.api.table", *ours])
    return context


def _in_process(place, barrier, work, arguments):
    name, sites = place
    os.chdir(sites)
    import frappe

    frappe.init(site=name)
    frappe.connect()
    frappe.set_user("Administrator")
    frappe.db.rollback()
    try:
        barrier.wait(timeout=60)
        return work(*arguments)
    except Exception as error:
        traceback.print_exc()
        return f"{type(error).__name__}: {error}"
    finally:
        frappe.destroy()
