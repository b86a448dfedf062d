"""`python -m amtsbote.demo`."""

from amtsbote.demo.entry import main

main()
